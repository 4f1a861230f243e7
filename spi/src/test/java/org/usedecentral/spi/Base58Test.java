package org.usedecentral.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class Base58Test {
    @Property
    void goesBothWays(@ForAll @Size(max = 80) byte[] content) {
        Bytes bytes = Bytes.of(content);
        assertThat(Base58.decode(Base58.encode(bytes))).isEqualTo(bytes);
    }

    @Property
    void everyTextHasOneMeaning(@ForAll @CharRange(from = '1', to = '9') @StringLength(max = 128) String text) {
        assertThat(Base58.encode(Base58.decode(text))).isEqualTo(text);
    }

    @Property
    void isTheNumberInBase58(@ForAll @Size(min = 1, max = 40) byte[] content) {
        BigInteger number = BigInteger.ZERO;
        String alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        for (char c : Base58.encode(Bytes.of(content)).toCharArray()) {
            number = number.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(alphabet.indexOf(c)));
        }
        assertThat(number).isEqualTo(new BigInteger(1, content));
    }

    @Test
    void namesTheWrongCharacterAndItsPlace() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Base58.decode("abc0"))
                .withMessageContaining("'0' at 3");
    }

    @Test
    void accountsAreTheBase58OfThirtyTwoBytes() {
        assertThat(Account.parse("11111111111111111111111111111111")).isEqualTo(Account.NONE);
        assertThatIllegalArgumentException().isThrownBy(() -> Account.parse("1111111111111111111111111111111"));
        assertThatIllegalArgumentException().isThrownBy(() -> Account.parse("111111111111111111111111111111111"));
    }

    @Test
    void accountsHaveAnOrder() {
        Account low = new Account(Bytes.concat(Bytes.of((byte) 1), Bytes.zeros(31)));
        assertThat(Account.NONE).isLessThan(low).isEqualByComparingTo(new Account(Bytes.zeros(32)));
        assertThat(low).isGreaterThan(Account.NONE);
    }
}
