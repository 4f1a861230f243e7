package org.usedecentral.launcher;

import java.util.concurrent.Callable;
import org.usedecentral.spi.ErrorCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What an error code means. */
@Command(
        name = "explain",
        header = "Explains an error code and what to do about it.",
        description = "Codes are in HTTP answers, in logs and after a failed command; docs/errors.md has them all.")
final class ExplainCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "CODE",
            description = "Such as NO_WORKER, in capitals or not. One of: ${COMPLETION-CANDIDATES}.")
    private ErrorCode code = ErrorCode.INTERNAL;

    @Mixin
    final CommonOptions common = new CommonOptions();

    ExplainCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        var out = session.terminal().out();
        Remedies.Remedy remedy = Remedies.of(code);
        out.println(ReceiptText.line("code", code.name()));
        out.println(ReceiptText.line("meaning", remedy.meaning()));
        out.println(ReceiptText.line("who acts", Remedies.whoActs(code)));
        out.println(
                ReceiptText.line("again", code.retryable() ? "the same request may succeed later" : "not unchanged"));
        out.println(ReceiptText.line("remedy", remedy.whatToDo()));
        return 0;
    }
}
