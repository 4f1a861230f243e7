package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.SignedReceipt;

/** What the demo did, for scripts. Stateless. */
final class DemoJson {
    private DemoJson() {}

    static String of(String question, Answer answer, SignedReceipt receipt) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("question", question);
        root.put("answer", answer.text());
        root.put("job", answer.job());
        root.put("escrow_transaction", answer.lockTransaction());
        root.put("verified", true);
        root.set(
                "receipt",
                GatewayClient.parse(ReceiptJson.write(receipt).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return root.toString();
    }
}
