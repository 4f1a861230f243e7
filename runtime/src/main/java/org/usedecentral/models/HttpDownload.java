package org.usedecentral.models;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Downloads one file of a known size, going on where an earlier attempt stopped, of this process or of another. Redirects stay on the host
 * or go to one the configuration lists. Thread-safe.
 */
final class HttpDownload {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_ATTEMPTS = 20;
    private static final long LOOK_MILLIS = 100;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

    private final FetchLimits limits;
    private final LongSupplier nanoTime;

    HttpDownload(FetchLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /**
     * Brings {@code file} to {@code size} bytes; what it has already is kept and trusted, so the caller checks the digest.
     *
     * @param bytes told the file's length as it grows
     */
    void fetch(Source.Http source, Path file, long size, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.stall())
                .proxy(ProxySelector.getDefault())
                .build();
        try {
            // A connection that broke is worth another attempt as long as each one brings something.
            for (int attempt = 1; ; attempt++) {
                long before = length(file);
                if (before > size) {
                    Files.delete(file);
                    before = 0;
                }
                try {
                    attempt(client, source, new PartialFile(file, size, bytes));
                } catch (BodyWriter.WriteFailure e) {
                    throw new FetchFailure(
                            length(file) + " of " + size + " bytes were written to " + file + ", then: " + words(e)
                                    + ". They are kept, and the next fetch goes on from there",
                            e);
                } catch (IOException e) {
                    if (attempt == MAX_ATTEMPTS || length(file) <= before) {
                        throw new FetchFailure(words(e), e);
                    }
                }
                if (length(file) == size) {
                    return;
                }
                if (length(file) <= before || attempt == MAX_ATTEMPTS) {
                    throw new FetchFailure("the answer ended after " + length(file) + " of " + size + " bytes");
                }
            }
        } finally {
            client.shutdownNow();
        }
    }

    /** How large the file is, as the server says without sending it. */
    long size(Source.Http source) throws FetchFailure, IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.stall())
                .proxy(ProxySelector.getDefault())
                .build();
        try {
            URI url = source.url();
            for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
                HttpRequest request = HttpRequest.newBuilder(url)
                        .timeout(limits.stall())
                        .HEAD()
                        .build();
                HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
                if (REDIRECTS.contains(response.statusCode())) {
                    url = redirected(source, url, response);
                } else if (response.statusCode() != 200) {
                    throw new FetchFailure("the server answered " + response.statusCode());
                } else {
                    return response.headers()
                            .firstValueAsLong("Content-Length")
                            .orElseThrow(() -> new FetchFailure("the server does not say how large the file is"));
                }
            }
            throw new FetchFailure("more than " + MAX_REDIRECTS + " redirects");
        } finally {
            client.shutdownNow();
        }
    }

    private void attempt(HttpClient client, Source.Http source, PartialFile file)
            throws FetchFailure, IOException, InterruptedException {
        URI url = source.url();
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Accept-Encoding", "identity");
            long offset = file.length();
            if (offset == file.size()) {
                return;
            }
            if (offset > 0) {
                request.header("Range", "bytes=" + offset + "-");
            }
            HttpResponse<Optional<String>> response = send(client, request.build(), file);
            int status = response.statusCode();
            if (REDIRECTS.contains(status)) {
                url = redirected(source, url, response);
            } else if (status == 416) {
                // What is here is longer than what the server has: begin again.
                Files.deleteIfExists(file.path());
            } else if (status != 200 && status != 206) {
                throw new FetchFailure("the server answered " + status);
            } else if (response.body().isPresent()) {
                throw new FetchFailure(response.body().get());
            } else {
                return;
            }
        }
        throw new FetchFailure("more than " + MAX_REDIRECTS + " redirects");
    }

    /** The body is empty after a success, otherwise it says why the answer was refused. */
    private HttpResponse<Optional<String>> send(HttpClient client, HttpRequest request, PartialFile file)
            throws FetchFailure, IOException, InterruptedException {
        try (BodyWriter.Guard guard = new BodyWriter.Guard()) {
            CompletableFuture<HttpResponse<Optional<String>>> answer =
                    client.sendAsync(request, info -> body(info, file, guard));
            FetchLimits.Deadline deadline = FetchLimits.deadline(nanoTime, limits.stall());
            long seen = file.length();
            while (true) {
                try {
                    return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    long now = file.length();
                    if (now != seen) {
                        seen = now;
                        deadline = FetchLimits.deadline(nanoTime, limits.stall());
                    } else if (deadline.passed()) {
                        answer.cancel(true);
                        throw new IOException(
                                "nothing arrived for " + limits.stall().toSeconds() + " s", e);
                    }
                } catch (InterruptedException e) {
                    answer.cancel(true);
                    throw e;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
                }
            }
        }
    }

    private static HttpResponse.BodySubscriber<Optional<String>> body(
            HttpResponse.ResponseInfo info, PartialFile file, BodyWriter.Guard guard) {
        int status = info.statusCode();
        if (status != 200 && status != 206) {
            return HttpResponse.BodySubscribers.replacing(Optional.empty());
        }
        long offset = 0;
        if (status == 206) {
            Matcher range = CONTENT_RANGE.matcher(
                    info.headers().firstValue("Content-Range").orElse(""));
            offset = file.length();
            if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
                return BodyWriter.refuse("the server sent another part of the file than was asked for");
            }
            if (!range.group(2).equals("*") && Long.parseLong(range.group(2)) != file.size()) {
                return BodyWriter.refuse(wrongSize(range.group(2), file));
            }
        }
        long announced = info.headers().firstValueAsLong("Content-Length").orElse(file.size() - offset);
        if (announced != file.size() - offset) {
            return BodyWriter.refuse(wrongSize(Long.toString(offset + announced), file));
        }
        return new BodyWriter(file, offset, guard);
    }

    private static String wrongSize(String found, PartialFile file) {
        return "the file there has " + found + " bytes, the catalogue's has " + file.size();
    }

    private static URI redirected(Source.Http source, URI from, HttpResponse<?> response) throws FetchFailure {
        String location = response.headers().firstValue("Location").orElse("");
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new FetchFailure("the server redirected to something that is no URL", e);
        }
        if (target.getHost() == null) {
            throw new FetchFailure("the server redirected to a URL without a host");
        }
        if (from.getScheme().equals("https") && !"https".equals(target.getScheme())) {
            throw new FetchFailure("the server redirected from https to something less");
        }
        String host = host(target);
        boolean standardPorts = target.getPort() < 0 && source.url().getPort() < 0;
        boolean same = standardPorts
                ? host.equals(host(source.url()))
                : authority(target).equals(authority(source.url()));
        if (!same
                && !source.redirectHosts().contains(host)
                && !source.redirectHosts().contains(authority(target))) {
            throw new FetchFailure("the server redirected to another host, " + authority(target)
                    + "; if that is right, list it in the source's redirect-hosts");
        }
        return target;
    }

    private static String authority(URI url) {
        int port = url.getPort() >= 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
        return host(url) + ":" + port;
    }

    private static String host(URI url) {
        return url.getHost().toLowerCase(Locale.ROOT);
    }

    private static long length(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private static String words(IOException e) {
        String message = e.getMessage();
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }
}
