package org.usedecentral.testkit.ledger;

import java.util.List;
import java.util.Set;

/**
 * What happens to a ledger, in order.
 *
 * @param setting who is honest and what there is at the start
 */
record Schedule(Setting setting, List<ScheduleAction> actions) {
    Schedule {
        actions = List.copyOf(actions);
    }

    /**
     * How a schedule begins.
     *
     * @param honest whether the orchestrator is
     * @param accomplices workers of A to C who are the adversary's too
     * @param deposit the payer's credits
     * @param limit of the spender's approval; 0: there is none
     * @param comesBack whether a crashed orchestrator is there again at the end
     */
    record Setting(boolean honest, Set<String> accomplices, long deposit, long limit, boolean comesBack) {
        boolean honest(String worker) {
            return "ABC".contains(worker) && !accomplices.contains(worker);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("  ").append(setting);
        actions.forEach(action -> text.append("\n    ").append(action));
        return text.toString();
    }
}
