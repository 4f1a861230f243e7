package org.usedecentral.spi;

import java.util.Arrays;

/** Base58 with the Bitcoin alphabet, as Solana writes keys and transactions. Stateless; inputs are short (at most 128 characters). */
public final class Base58 {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final int MAX_LENGTH = 128;
    private static final int[] DIGITS = digits();

    private Base58() {}

    /** The text of {@code bytes}; each leading zero byte becomes one {@code 1}. */
    public static String encode(Bytes bytes) {
        byte[] number = bytes.toByteArray();
        int zeros = 0;
        while (zeros < number.length && number[zeros] == 0) {
            zeros++;
        }
        char[] text = new char[number.length * 2];
        int at = text.length;
        for (int start = zeros; start < number.length; ) {
            text[--at] = ALPHABET.charAt(divide(number, start, 256, 58));
            if (number[start] == 0) {
                start++;
            }
        }
        while (at < text.length && text[at] == '1') {
            at++;
        }
        Arrays.fill(text, at - zeros, at, '1');
        return new String(text, at - zeros, text.length - at + zeros);
    }

    /**
     * The bytes of {@code text}.
     *
     * @throws IllegalArgumentException if a character is not in the alphabet or the text is longer than 128 characters
     */
    public static Bytes decode(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "base58 text of " + text.length() + " characters; at most " + MAX_LENGTH);
        }
        byte[] number = new byte[text.length()];
        for (int i = 0; i < number.length; i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? DIGITS[c] : -1;
            if (digit < 0) {
                throw new IllegalArgumentException("'" + c + "' at " + i + " is not a base58 character");
            }
            number[i] = (byte) digit;
        }
        int zeros = 0;
        while (zeros < number.length && number[zeros] == 0) {
            zeros++;
        }
        byte[] bytes = new byte[number.length];
        int at = bytes.length;
        for (int start = zeros; start < number.length; ) {
            bytes[--at] = (byte) divide(number, start, 58, 256);
            if (number[start] == 0) {
                start++;
            }
        }
        while (at < bytes.length && bytes[at] == 0) {
            at++;
        }
        return Bytes.of(bytes, at - zeros, bytes.length - at + zeros);
    }

    /** Divides a big-endian number in place and returns the remainder. */
    private static int divide(byte[] number, int start, int base, int divisor) {
        int remainder = 0;
        for (int i = start; i < number.length; i++) {
            int digit = (number[i] & 0xff) + remainder * base;
            number[i] = (byte) (digit / divisor);
            remainder = digit % divisor;
        }
        return remainder;
    }

    private static int[] digits() {
        int[] digits = new int[128];
        Arrays.fill(digits, -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            digits[ALPHABET.charAt(i)] = i;
        }
        return digits;
    }
}
