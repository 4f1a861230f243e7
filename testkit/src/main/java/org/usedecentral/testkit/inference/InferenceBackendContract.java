package org.usedecentral.testkit.inference;

/**
 * What every inference backend must do. A test class implements this interface and gives a started backend and the model to ask:
 *
 * <pre>{@code
 * final class MyBackendTest implements InferenceBackendContract {
 *     @Override
 *     public InferenceBackend backend() {
 *         return started;
 *     }
 *
 *     @Override
 *     public ModelId model() {
 *         return new ModelId("my-model");
 *     }
 * }
 * }</pre>
 *
 * A backend of several models is tested once for each, for instance by a {@code @ParameterizedClass} that is a record of the model.
 * The model may generate, embed, or both. Tests of a feature that it does not list are reported as not run, with the feature's name;
 * that the feature is refused is tested for every model.
 */
public interface InferenceBackendContract
        extends StreamContract,
                CancellationContract,
                RefusalContract,
                PromptContract,
                SamplingContract,
                ChoiceContract,
                FormatContract,
                ToolContract,
                LogprobContract,
                ResumeContract,
                EmbeddingContract {}
