package org.usedecentral.testkit.ledger;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each contract test a stage of its own and strikes it afterwards. */
final class StageResolver implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(StageResolver.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LedgerStage.class;
    }

    @Override
    public LedgerStage resolveParameter(ParameterContext parameter, ExtensionContext context) {
        SettlementLedgerContract contract = (SettlementLedgerContract) context.getRequiredTestInstance();
        Stage stage = new Stage(new LedgerStage(contract.fixture()));
        context.getStore(NAMESPACE).put(Stage.class, stage);
        return stage.stage;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Stage stage = context.getStore(NAMESPACE).remove(Stage.class, Stage.class);
        if (stage != null) {
            stage.stage.close();
        }
    }

    /** Not closeable itself, so that the store leaves closing to {@link #afterEach}, which may fail the test. */
    private record Stage(LedgerStage stage) {}
}
