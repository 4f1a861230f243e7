package org.usedecentral.routing;

import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.testkit.routing.RoutingPolicyContract;

final class ReputationPolicyContractTest implements RoutingPolicyContract {
    private final RoutingPolicy policy = PoliciesTest.policy("reputation");

    @Override
    public RoutingPolicy policy() {
        return policy;
    }

    @Override
    public RoutingPolicy anotherPolicy() {
        return PoliciesTest.policy("reputation");
    }
}
