package org.usedecentral.ledger.embedded;

import java.util.Optional;
import java.util.Set;
import org.usedecentral.crypto.Ed25519;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.proof.Assignment;
import org.usedecentral.spi.proof.ProofScheme;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.LedgerOperation;
import org.usedecentral.spi.protocol.LedgerOperation.Approve;
import org.usedecentral.spi.protocol.LedgerOperation.Claim;
import org.usedecentral.spi.protocol.LedgerOperation.Deposit;
import org.usedecentral.spi.protocol.LedgerOperation.Lock;
import org.usedecentral.spi.protocol.LedgerOperation.Register;
import org.usedecentral.spi.protocol.LedgerOperation.Revoke;
import org.usedecentral.spi.protocol.LedgerOperation.Settle;
import org.usedecentral.spi.protocol.LedgerOperation.Withdraw;
import org.usedecentral.spi.protocol.Signed;
import org.usedecentral.spi.protocol.SignedMessage;
import org.usedecentral.spi.protocol.SignedOperation;
import org.usedecentral.spi.protocol.SignedStatement;
import org.usedecentral.spi.protocol.SignedVoucher;
import org.usedecentral.spi.protocol.Statement;
import org.usedecentral.spi.protocol.Terms;

/**
 * Checks what needs no more of the ledger than a job's terms, which never change: form, signatures, proofs, vouchers. That is where the
 * time goes, so it happens on the callers' threads, before anything queues. Thread-safe.
 */
final class Verifier {
    private final LedgerId ledger;
    private final Account operator;
    private final ProofScheme scheme;

    Verifier(LedgerId ledger, Account operator, ProofScheme scheme) {
        this.ledger = ledger;
        this.operator = operator;
        this.scheme = scheme;
    }

    /** Finds a job's terms. */
    interface Jobs {
        Optional<Terms> terms(JobId job);
    }

    Verified verify(SignedOperation signed, Jobs jobs) {
        LedgerOperation operation = LedgerOperation.decode(signed.body());
        Form.check(operation, ledger, scheme.id());
        return switch (operation) {
            case Withdraw(SignedMessage message) -> message(signed, operation, message);
            case Approve(SignedMessage message) -> message(signed, operation, message);
            case Revoke(SignedMessage message) -> message(signed, operation, message);
            case Deposit ignored -> signatures(signed, operation, operator, operator);
            case Lock(Terms terms) -> signatures(signed, operation, terms.lockSigner(), terms.orchestrator());
            case Register register ->
                signatures(
                        signed,
                        operation,
                        register.registration().owner(),
                        register.registration().worker());
            case Settle(SignedStatement statement) -> {
                Verified verified = oneSignature(signed, operation);
                proof(statement, terms(jobs, statement.statement().job()));
                yield verified;
            }
            case Claim(SignedVoucher voucher) -> {
                Verified verified = oneSignature(signed, operation);
                voucher(voucher, terms(jobs, voucher.voucher().job()), verified.signer());
                yield verified;
            }
            default -> oneSignature(signed, operation);
        };
    }

    private Verified message(SignedOperation signed, LedgerOperation operation, SignedMessage message) {
        if (!signed.signatures().isEmpty()
                || !signed.write().equals(message.message().writeId())) {
            throw DecentralException.invalid(
                    "write", "a payer's message carries its own signature and has the write id that follows from it");
        }
        if (!Ed25519.verify(message.message().payer(), message.message().bytes(), message.signature())) {
            throw forbidden("the message is not signed by its payer "
                    + message.message().payer());
        }
        return Verified.of(signed, operation, message);
    }

    /** An operation that one account signs; whether it may, the rules say. */
    private Verified oneSignature(SignedOperation signed, LedgerOperation operation) {
        if (signed.signatures().size() != 1) {
            throw DecentralException.invalid(
                    "signatures",
                    operation.label() + " needs one signature, not "
                            + signed.signatures().size());
        }
        Account signer = signed.signatures().getFirst().account();
        return signatures(signed, operation, signer, signer);
    }

    private Verified signatures(SignedOperation signed, LedgerOperation operation, Account first, Account second) {
        for (Account account : new Account[] {first, second}) {
            if (signed.signatureOf(account).isEmpty()) {
                throw forbidden(operation.label() + " needs the signature of " + account);
            }
        }
        Bytes message = Signed.operation(ledger, signed.write(), signed.body());
        for (SignedOperation.Signature signature : Set.copyOf(signed.signatures())) {
            if (!signature.account().equals(first) && !signature.account().equals(second)) {
                throw DecentralException.invalid(
                        "signatures", operation.label() + " is not signed by " + signature.account());
            }
            if (!Ed25519.verify(signature.account(), message, signature.signature())) {
                throw forbidden("the signature is not " + signature.account() + "'s over this " + operation.label()
                        + " on ledger " + ledger);
            }
        }
        return Verified.of(signed, operation, first);
    }

    private void proof(SignedStatement signed, Terms terms) {
        Statement statement = signed.statement();
        ProofScheme.Verification verification = scheme.verify(
                new ProofScheme.Proof(scheme.algorithm(), statement.encoded(), signed.signature()),
                new Assignment(terms, statement.worker(), statement.attempt(), statement.modelDigest()));
        if (verification instanceof ProofScheme.Verification.Invalid invalid) {
            throw new DecentralException(
                    ErrorCode.PROOF_INVALID,
                    "the proof does not hold: " + invalid.detail() + " (" + invalid.reason() + ")");
        }
    }

    private static void voucher(SignedVoucher signed, Terms terms, Account claimant) {
        if (!claimant.equals(signed.voucher().worker()) && !claimant.equals(terms.orchestrator())) {
            throw forbidden("only worker " + signed.voucher().worker() + " or orchestrator " + terms.orchestrator()
                    + " can cash this voucher");
        }
        if (!Ed25519.verify(terms.orchestrator(), signed.voucher().encoded(), signed.signature())) {
            throw new DecentralException(
                    ErrorCode.PROOF_INVALID, "the voucher is not signed by orchestrator " + terms.orchestrator());
        }
    }

    private static Terms terms(Jobs jobs, JobId job) {
        return jobs.terms(job)
                .orElseThrow(() -> new DecentralException(
                        ErrorCode.NOT_FOUND, "no job " + job + " was ever locked on this ledger"));
    }

    private static DecentralException forbidden(String message) {
        return new DecentralException(ErrorCode.FORBIDDEN, message);
    }
}
