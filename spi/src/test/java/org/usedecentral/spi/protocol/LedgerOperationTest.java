package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

final class LedgerOperationTest {
    private static final Instant EXPIRES = Instant.parse("2026-01-01T00:00:00Z");

    private static Arbitrary<Bytes> bytes(int length) {
        return Arbitraries.bytes().array(byte[].class).ofSize(length).map(Bytes::of);
    }

    private static Arbitrary<Account> accounts() {
        return bytes(32).map(Account::new);
    }

    private static Arbitrary<SignedMessage> messages(String action) {
        Arbitrary<PayerMessage.Origin> origins =
                Combinators.combine(bytes(32).map(LedgerId::new), accounts()).as(PayerMessage.Origin::new);
        Arbitrary<Long> amounts = Arbitraries.longs().greaterOrEqual(0);
        Arbitrary<PayerMessage> made = switch (action) {
            case "withdraw" ->
                Combinators.combine(
                                origins,
                                amounts,
                                Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(300))
                        .as((origin, amount, destination) ->
                                PayerMessage.withdraw(origin, 1, EXPIRES, amount, destination));
            case "revoke" ->
                Combinators.combine(origins, accounts())
                        .as((origin, spender) -> PayerMessage.revoke(origin, 2, EXPIRES, spender));
            default ->
                Combinators.combine(origins, accounts(), amounts)
                        .as((origin, spender, cap) -> PayerMessage.approve(
                                origin,
                                3,
                                EXPIRES,
                                new ApprovalTerms(
                                        spender, Account.NONE, new ApprovalTerms.Caps(cap, cap), EXPIRES, true)));
        };
        return Combinators.combine(made, bytes(64)).as(SignedMessage::new);
    }

    @Provide
    Arbitrary<LedgerOperation> operations() {
        Arbitrary<LedgerOperation> jobs = bytes(32)
                .map(JobId::new)
                .flatMap(job -> Arbitraries.of(
                        new LedgerOperation.Expire(job),
                        new LedgerOperation.Refund(job),
                        new LedgerOperation.Close(job)));
        Arbitrary<LedgerOperation> workers = Combinators.combine(accounts(), accounts(), accounts())
                .flatAs((owner, worker, payout) -> Arbitraries.of(
                        new LedgerOperation.Register(new Registration(owner, worker, payout)),
                        new LedgerOperation.Update(worker, payout),
                        new LedgerOperation.Retire(worker)));
        Arbitrary<LedgerOperation> signed = Combinators.combine(bytes(32), bytes(64), Arbitraries.integers())
                .flatAs((key, signature, number) -> Arbitraries.of(
                        new LedgerOperation.Lock(
                                StructuresTest.terms(key, number >>> 12, number >>> 14, number >>> 1, number >>> 1)),
                        new LedgerOperation.Settle(new SignedStatement(StructuresTest.statement(), signature)),
                        new LedgerOperation.Claim(new SignedVoucher(
                                Voucher.of(new JobId(key), new Account(key), number >>> 1, 1, number >>> 1),
                                signature))));
        Arbitrary<LedgerOperation> deposits = Combinators.combine(
                        accounts(),
                        Arbitraries.longs().greaterOrEqual(0),
                        Arbitraries.strings().withCharRange('\0', '\ud7ff').ofMaxLength(1000))
                .as(LedgerOperation.Deposit::new);
        return Arbitraries.oneOf(
                jobs,
                workers,
                signed,
                deposits,
                messages("withdraw").map(LedgerOperation.Withdraw::new),
                messages("approve").map(LedgerOperation.Approve::new),
                messages("revoke").map(LedgerOperation.Revoke::new));
    }

    @Property
    void everyOperationIsReadBack(@ForAll("operations") LedgerOperation operation) {
        assertThat(LedgerOperation.decode(operation.encode())).isEqualTo(operation);
        assertThat(operation.encode().length()).isLessThanOrEqualTo(LedgerOperation.MAX_LENGTH);
    }

    @Property
    void anAlteredBitIsSeen(@ForAll("operations") LedgerOperation operation, @ForAll @IntRange(min = 0) int at) {
        Bytes body = operation.encode();
        Bytes altered = StructuresTest.flipped(body, at % (8 * body.length()));
        StructuresTest.decoded(altered, LedgerOperation::decode).ifPresent(other -> {
            assertThat(other).isNotEqualTo(operation);
            assertThat(other.encode()).isEqualTo(altered);
        });
    }

    @Property
    void garbageIsRefusedPolitely(@ForAll @IntRange(max = 16) int number, @ForAll byte[] garbage) {
        Bytes body = Bytes.concat(Bytes.of((byte) number), Bytes.of(garbage));
        StructuresTest.decoded(body, LedgerOperation::decode)
                .ifPresent(operation -> assertThat(operation.encode()).isEqualTo(body));
    }

    @Test
    void refusesAReferenceThatIsTooLong() {
        LedgerOperation deposit = new LedgerOperation.Deposit(Account.NONE, 1, "é".repeat(2000));
        assertThatExceptionOfType(DecentralException.class).isThrownBy(deposit::encode);
    }

    @Test
    void theSignatureOfSomebodyElseIsNotFound() {
        Account one = new Account(Sha256.of());
        SignedOperation operation = new SignedOperation(
                new WriteId(Bytes.zeros(32)),
                Bytes.empty(),
                List.of(new SignedOperation.Signature(one, Bytes.zeros(64))));
        assertThat(operation.signatureOf(one)).contains(Bytes.zeros(64));
        assertThat(operation.signatureOf(Account.NONE)).isEmpty();
    }
}
