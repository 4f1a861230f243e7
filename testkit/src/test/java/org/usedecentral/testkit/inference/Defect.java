package org.usedecentral.testkit.inference;

import java.util.List;
import org.usedecentral.spi.inference.Feature;

/** One rule of the contract that a backend breaks, and the cases that must find it out. */
enum Defect {
    /** None: what fails here fails for another reason than a defect. */
    NONE(),
    IGNORES_LOGPROBS("givesOneLogProbabilityForEachToken"),
    MORE_ALTERNATIVES("givesNoAlternativesWhenNoneAreAskedFor"),
    HIDES_IDS("showsTokenIdsIfListedAndOnlyThen"),
    IGNORES_CHOICES("givesAsManyChoicesAsAreAskedFor"),
    IGNORES_SCHEMA("outputSatisfiesTheSchema", "outputIsAJsonObject"),
    TAKES_ANY_SCHEMA("refusesASchemaThatIsNone"),
    IGNORES_GRAMMAR("outputFollowsTheGrammar"),
    TAKES_ANY_GRAMMAR("refusesAGrammarThatIsNone"),
    IGNORES_TOOLS("callsTheFunctionItMust", "callsSomeFunctionWhenItMust"),
    CALLS_ANYWAY("callsNothingWhenItMustNot"),
    REPEATS_CALL_IDS("callsTheFunctionItMust"),
    CUTS_ARGUMENTS("callsTheFunctionItMust", "callsSomeFunctionWhenItMust"),
    IGNORES_BIAS("aBiasBansATokenAndForcesAnother", "aBiasChangesTheOutput"),
    IGNORES_PENALTIES("penaltiesMakeItRepeatLess"),
    IGNORES_RESUME("resumesWhereItWasCut"),
    NEVER_CACHES("reportsWhatItHasCachedIfListedAndOnlyThen"),
    NEVER_REASONS("reasonsIfListedAndOnlyThen"),
    DIFFERS_EACH_TIME("samplesTheSameWithTheSameSeed", "minPOfOneKeepsTheLikeliestTokenAlone"),
    SPLITS_CHARACTERS("tokensAreCountedAsTheyCome"),
    COUNTS_TOO_MANY("tokensAreCountedAsTheyCome"),
    FORGETS_INPUT("aStreamEndsWithWhatItUsed"),
    COUNTS_PROMPTS_WRONGLY("countsAPromptAsItsUsageDoes"),
    GOES_ON_AFTER_THE_END("thereIsNothingAfterTheEnd"),
    NEVER_FREES_SLOTS("theEndFreesTheSlotBeforeTheStreamIsClosed"),
    IGNORES_STOP("endsBeforeAStopText"),
    IGNORES_LIMIT("endsAtTheLimitOfTokens"),
    IGNORES_CLOSE("closingFromAnotherThreadWakesTheReader", "closingIsIdempotentAndFreesTheSlot"),
    ADMITS_WITHOUT_END("refusesWhatHasNoSlotInsteadOfQueueing"),
    LISTS_A_MODEL_TWICE("saysWhatItIs"),
    KNOWS_EVERY_MODEL("refusesAModelItDoesNotHave"),
    TAKES_ANY_LENGTH("refusesAPromptLongerThanTheContext"),
    REFUSES_WHAT_IT_LISTS("doesNotRefuseAFeatureThatIsListed"),
    ONE_EMBEDDING_FOR_ALL("embedsEachInputInItsPlace", "embedsManyInputsInOrder"),
    LOSES_AN_EMBEDDING("embedsEachInputInItsPlace", "embedsManyInputsInOrder"),
    WRONG_EMBEDDING_USAGE("usageOfEmbeddingsIsTheInputs"),

    REFUSES_NOTHING("refusesEveryFeatureThatIsNotListed"),
    CACHES_UNLISTED("reportsWhatItHasCachedIfListedAndOnlyThen"),
    REASONS_UNLISTED("reasonsIfListedAndOnlyThen"),
    GENERATES_UNLISTED("refusesToGenerateWhereThatIsNotListed");

    private final String foundBy;

    Defect(String... foundBy) {
        this.foundBy = String.join(" ", foundBy);
    }

    /** The tests of the contract of which each must fail. */
    List<String> foundBy() {
        return foundBy.isEmpty() ? List.of() : List.of(foundBy.split(" "));
    }

    /** What the broken model lists: everything, but for defects that are about what it does not. */
    Feature[] listed() {
        return compareTo(REFUSES_NOTHING) < 0 ? Feature.values() : new Feature[] {Feature.DETERMINISTIC};
    }
}
