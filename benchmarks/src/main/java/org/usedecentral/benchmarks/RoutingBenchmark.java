package org.usedecentral.benchmarks;

import io.helidon.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.usedecentral.spi.routing.RoutingPolicy;
import org.usedecentral.spi.routing.RoutingPolicyProvider;
import org.usedecentral.spi.routing.WorkerSnapshot;
import org.usedecentral.testkit.routing.MadeUpJob;
import org.usedecentral.testkit.routing.RoutingPolicyContract;

/** Scoring by a policy: once a job; 256 is the sample that is scored in any network. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RoutingBenchmark {
    @Param({"stake", "reputation", "latency", "load"})
    public String policy = "";

    @Param({"256", "10000"})
    public int workers;

    private List<WorkerSnapshot> candidates = new ArrayList<>();
    private List<RoutingPolicy> chosen = new ArrayList<>();
    private double[] scores = new double[0];

    @Setup
    public void prepare() {
        chosen = ServiceLoader.load(RoutingPolicyProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.configKey().equals(policy))
                .map(provider -> provider.create(Config.empty(), policy))
                .toList();
        candidates = RoutingPolicyContract.workers(workers, 1);
        scores = new double[workers];
    }

    @Benchmark
    public double[] score() {
        chosen.getFirst().score(MadeUpJob.ORDINARY, candidates, scores);
        return scores;
    }
}
