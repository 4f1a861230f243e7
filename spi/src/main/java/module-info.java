/** The contracts of Decentral: what plugins implement, and the values and byte layouts every party agrees on. */
module org.usedecentral.spi {
    requires transitive io.helidon.config;
    requires static transitive org.jspecify;

    exports org.usedecentral.spi;
    exports org.usedecentral.spi.inference;
    exports org.usedecentral.spi.ledger;
    exports org.usedecentral.spi.mesh;
    exports org.usedecentral.spi.models;
    exports org.usedecentral.spi.proof;
    exports org.usedecentral.spi.protocol;
    exports org.usedecentral.spi.routing;
}
