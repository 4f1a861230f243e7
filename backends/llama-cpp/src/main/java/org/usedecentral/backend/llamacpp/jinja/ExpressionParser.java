package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.usedecentral.backend.llamacpp.jinja.Expression.Arguments;

/** Parses expressions with Jinja's precedence, from a shared place in a list of tokens. One thread. */
final class ExpressionParser {
    private static final int MAX_DEPTH = 200;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
    private static final Set<String> NO_TEST_ARGUMENT = Set.of("else", "or", "and", "is", "if", "in", "not");
    private static final Map<String, Object> CONSTANTS =
            Map.of("true", true, "True", true, "false", false, "False", false);

    private final List<Token> tokens;
    private int at;
    private int depth;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    // The place in the tokens.

    Token peek() {
        return tokens.get(at);
    }

    private Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token take() {
        Token token = tokens.get(at);
        if (token.kind() != Token.Kind.EOF) {
            at++;
        }
        return token;
    }

    boolean takeOperator(String operator) {
        if (peek().isOperator(operator)) {
            at++;
            return true;
        }
        return false;
    }

    boolean takeName(String name) {
        if (peek().isName(name)) {
            at++;
            return true;
        }
        return false;
    }

    void expectOperator(String operator) {
        if (!takeOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    String expectName() {
        if (peek().kind() != Token.Kind.NAME) {
            throw unexpected("a name");
        }
        return take().text();
    }

    JinjaException unexpected(String wanted) {
        return JinjaException.fault("line " + peek().line() + ": " + peek() + " where " + wanted + " is expected");
    }

    // Expressions, the loosest first.

    Expression expression() {
        deeper();
        Expression value = or();
        while (takeName("if")) {
            Expression condition = or();
            Expression no = takeName("else") ? expression() : null;
            value = new Expression.Choice(condition, value, no);
        }
        depth--;
        return value;
    }

    private void deeper() {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.fault("line " + peek().line() + ": expressions nested too deeply");
        }
    }

    /** One expression, or a tuple of several without parentheses. */
    Expression tuple() {
        Expression first = expression();
        if (!peek().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>();
        items.add(first);
        while (takeOperator(",")) {
            if (peek().kind() == Token.Kind.END || peek().isOperator(")")) {
                break;
            }
            items.add(expression());
        }
        return new Expression.ListOf(items);
    }

    /** An expression that an {@code if} may follow which is not its own, as in a loop's head. */
    Expression withoutCondition() {
        return or();
    }

    private Expression or() {
        Expression left = and();
        while (takeName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (takeName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!takeName("not")) {
            return comparison();
        }
        deeper();
        Expression.Not value = new Expression.Not(not());
        depth--;
        return value;
    }

    private Expression comparison() {
        Expression left = sum();
        Expression all = null;
        while (true) {
            Expression right;
            Expression compared;
            if (peek().kind() == Token.Kind.OPERATOR && COMPARISONS.contains(peek().text())) {
                String operator = take().text();
                right = sum();
                compared = new Expression.Binary(operator, left, right);
            } else if (takeName("in")) {
                right = sum();
                compared = new Expression.Binary("in", left, right);
            } else if (peek().isName("not") && peekSecond().isName("in")) {
                at += 2;
                right = sum();
                compared = new Expression.Not(new Expression.Binary("in", left, right));
            } else {
                return all == null ? left : all;
            }
            // a < b < c is a < b and b < c.
            all = all == null ? compared : new Expression.And(all, compared);
            left = right;
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (peek().isOperator("+") || peek().isOperator("-")) {
            String operator = take().text();
            left = new Expression.Binary(operator, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (takeOperator("~")) {
            left = new Expression.Binary("~", left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (peek().isOperator("*") || peek().isOperator("/") || peek().isOperator("//") || peek().isOperator("%")) {
            String operator = take().text();
            left = new Expression.Binary(operator, left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (takeOperator("**")) {
            left = new Expression.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filters) {
        deeper();
        Expression value;
        if (takeOperator("-")) {
            value = new Expression.Negate(unary(false));
        } else if (takeOperator("+")) {
            value = unary(false);
        } else {
            value = postfix(primary());
        }
        Expression whole = filters ? filters(value) : value;
        depth--;
        return whole;
    }

    private Expression primary() {
        Token token = take();
        return switch (token.kind()) {
            case NAME -> name(token.text());
            case STRING -> string(token.text());
            case INTEGER -> new Expression.Literal(integer(token));
            case FLOAT -> new Expression.Literal(Double.parseDouble(token.text()));
            case OPERATOR -> bracket(token);
            default -> {
                at -= token.kind() == Token.Kind.EOF ? 0 : 1;
                throw unexpected("a value");
            }
        };
    }

    private static Expression name(String name) {
        if (name.equals("none") || name.equals("None")) {
            return new Expression.Literal(null);
        }
        Object constant = CONSTANTS.get(name);
        return constant == null ? new Expression.Name(name) : new Expression.Literal(constant);
    }

    private Expression string(String first) {
        StringBuilder value = new StringBuilder(first);
        while (peek().kind() == Token.Kind.STRING) {
            value.append(take().text());
        }
        return new Expression.Literal(value.toString());
    }

    private static Long integer(Token token) {
        try {
            return Long.parseLong(token.text());
        } catch (NumberFormatException e) {
            throw JinjaException.fault("line " + token.line() + ": " + token + " is too large");
        }
    }

    private Expression bracket(Token token) {
        return switch (token.text()) {
            case "(" -> {
                if (takeOperator(")")) {
                    yield new Expression.ListOf(List.of());
                }
                Expression inside = tuple();
                expectOperator(")");
                yield inside;
            }
            case "[" -> new Expression.ListOf(items("]"));
            case "{" -> dictionary();
            default -> {
                at--;
                throw unexpected("a value");
            }
        };
    }

    private List<Expression> items(String close) {
        List<Expression> items = new ArrayList<>();
        while (!takeOperator(close)) {
            items.add(expression());
            if (!peek().isOperator(close)) {
                expectOperator(",");
            }
        }
        return items;
    }

    private Expression dictionary() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!takeOperator("}")) {
            keys.add(expression());
            expectOperator(":");
            values.add(expression());
            if (!peek().isOperator("}")) {
                expectOperator(",");
            }
        }
        return new Expression.DictOf(keys, values);
    }

    /** Attributes, items and calls. */
    Expression postfix(Expression base) {
        Expression value = base;
        while (true) {
            if (takeOperator(".")) {
                Token name = take();
                value = name.kind() == Token.Kind.INTEGER
                        ? new Expression.Item(value, new Expression.Literal(integer(name)))
                        : new Expression.Attribute(value, name.text());
            } else if (takeOperator("[")) {
                value = subscript(value);
            } else if (peek().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression base) {
        Expression from = peek().isOperator(":") ? null : expression();
        if (from != null && takeOperator("]")) {
            return new Expression.Item(base, from);
        }
        expectOperator(":");
        Expression to = sliceBound();
        Expression step = takeOperator(":") ? sliceBound() : null;
        expectOperator("]");
        return new Expression.Slice(base, from, to, step);
    }

    private @Nullable Expression sliceBound() {
        return peek().isOperator(":") || peek().isOperator("]") ? null : expression();
    }

    private Expression filters(Expression base) {
        Expression value = base;
        while (true) {
            if (takeOperator("|")) {
                value = filter(value);
            } else if (takeName("is")) {
                value = test(value);
            } else if (peek().isOperator("(")) {
                value = postfix(value);
            } else {
                return value;
            }
        }
    }

    Expression.Filter filter(Expression base) {
        String name = expectName();
        return new Expression.Filter(base, name, peek().isOperator("(") ? arguments() : Arguments.NONE);
    }

    private Expression test(Expression base) {
        boolean negated = takeName("not");
        String name = expectName();
        Arguments arguments = Arguments.NONE;
        if (peek().isOperator("(")) {
            arguments = arguments();
        } else if (startsTestArgument()) {
            arguments = new Arguments(List.of(postfix(primary())), List.of(), List.of());
        }
        return new Expression.Test(base, name, arguments, negated);
    }

    private boolean startsTestArgument() {
        Token token = peek();
        return switch (token.kind()) {
            case NAME -> !NO_TEST_ARGUMENT.contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            default -> token.isOperator("[") || token.isOperator("{");
        };
    }

    Arguments arguments() {
        expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Expression> named = new ArrayList<>();
        while (!takeOperator(")")) {
            if (peek().kind() == Token.Kind.NAME && peekSecond().isOperator("=")) {
                names.add(take().text());
                at++;
                named.add(expression());
            } else {
                positional.add(expression());
            }
            if (!peek().isOperator(")")) {
                expectOperator(",");
            }
        }
        return new Arguments(positional, names, named);
    }
}
