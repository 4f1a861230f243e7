package org.usedecentral.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.BackendLoad;
import org.usedecentral.spi.inference.Device;
import org.usedecentral.spi.inference.Embeddings;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.ModelLimits;

/** What an engine says of itself, in a frame. */
record EngineState(List<Device> devices, List<ModelCard> models) {
    EngineState {
        devices = List.copyOf(devices);
        models = List.copyOf(models);
    }

    void write(FrameOut out) {
        out.putNumber(devices.size());
        for (Device device : devices) {
            out.putText(device.kind().name()).putText(device.name()).putLong(device.memoryBytes());
        }
        out.putNumber(models.size());
        for (ModelCard card : models) {
            Bytes digest = card.digest();
            out.putText(card.id().value()).putBytes(digest == null ? new byte[0] : digest.toByteArray());
            out.putNumber(card.limits().contextTokens())
                    .putNumber(card.limits().maxOutputTokens())
                    .putNumber(card.limits().templateOverheadTokens())
                    .putText(card.quantisation())
                    .putNumber(card.features().size());
            for (Feature feature : card.features()) {
                out.putText(feature.name());
            }
        }
    }

    static EngineState read(FrameIn in) throws IOException {
        try {
            List<Device> devices = new ArrayList<>();
            for (int left = in.getCount(); left > 0; left--) {
                devices.add(new Device(Device.Kind.valueOf(in.getText()), in.getText(), in.getLong()));
            }
            List<ModelCard> models = new ArrayList<>();
            for (int left = in.getCount(); left > 0; left--) {
                models.add(readCard(in));
            }
            return new EngineState(devices, models);
        } catch (IllegalArgumentException e) {
            throw new IOException("a model or device that cannot be: " + e.getMessage(), e);
        }
    }

    private static ModelCard readCard(FrameIn in) throws IOException {
        ModelId id = new ModelId(in.getText());
        byte[] digest = in.getBytes();
        ModelLimits limits = new ModelLimits(in.getNumber(), in.getNumber(), in.getNumber());
        String quantisation = in.getText();
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (int left = in.getCount(); left > 0; left--) {
            features.add(Feature.valueOf(in.getText()));
        }
        return new ModelCard(id, digest.length == 0 ? null : Bytes.of(digest), limits, quantisation, features);
    }

    static void writeLoad(FrameOut out, BackendLoad load) {
        out.putNumber(load.slots())
                .putNumber(load.running())
                .putNumber(load.waiting())
                .putDouble(load.kvCacheUse());
    }

    static BackendLoad readLoad(FrameIn in) throws IOException {
        return new BackendLoad(in.getNumber(), in.getNumber(), in.getNumber(), in.getDouble());
    }

    static void writeEmbeddings(FrameOut out, Embeddings embeddings) {
        out.putNumber(embeddings.vectors().size());
        for (Embeddings.Vector vector : embeddings.vectors()) {
            out.putNumber(vector.dimensions());
            for (int i = 0; i < vector.dimensions(); i++) {
                out.putFloat(vector.get(i));
            }
        }
        EventCodec.writeUsage(out, embeddings.usage());
    }

    static Embeddings readEmbeddings(FrameIn in) throws IOException {
        List<Embeddings.Vector> vectors = new ArrayList<>();
        for (int left = in.getCount(); left > 0; left--) {
            float[] values = new float[in.getCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = in.getFloat();
            }
            vectors.add(new Embeddings.Vector(values));
        }
        return new Embeddings(vectors, EventCodec.readUsage(in));
    }
}
