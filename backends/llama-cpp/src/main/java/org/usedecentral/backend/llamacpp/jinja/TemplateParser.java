package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a template into statements. One use, one thread. */
final class TemplateParser {
    private static final int MAX_DEPTH = 100;

    private final ExpressionParser in;
    private int depth;

    private TemplateParser(List<Token> tokens) {
        this.in = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source) {
        TemplateParser parser = new TemplateParser(Lexer.tokens(source));
        List<Statement> body = parser.body(Set.of());
        if (parser.in.peek().kind() != Token.Kind.EOF) {
            throw parser.in.unexpected("the end of the template");
        }
        return body;
    }

    /** Statements up to one of the closing tags, whose name is then the next token; or to the end, if there are none. */
    private List<Statement> body(Set<String> closing) {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.fault("line " + in.peek().line() + ": blocks nested too deeply");
        }
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = in.take();
            switch (token.kind()) {
                case TEXT -> statements.add(new Statement.Text(token.text()));
                case BEGIN_PRINT -> {
                    statements.add(new Statement.Print(in.tuple()));
                    end();
                }
                case BEGIN_BLOCK -> {
                    if (closing.contains(in.peek().text())) {
                        depth--;
                        return statements;
                    }
                    block(statements);
                }
                default -> {
                    if (closing.isEmpty() && token.kind() == Token.Kind.EOF) {
                        depth--;
                        return statements;
                    }
                    throw JinjaException.fault(
                            "line " + token.line() + ": " + token + " where one of " + closing + " is expected");
                }
            }
        }
    }

    private void end() {
        if (in.take().kind() != Token.Kind.END) {
            throw in.unexpected("the end of the tag");
        }
    }

    /** The body of a block with one closing tag, tag included. */
    private List<Statement> bodyTo(String closing) {
        List<Statement> body = body(Set.of(closing));
        in.take();
        // Macros and sets may repeat their name after the closing tag.
        if (in.peek().kind() == Token.Kind.NAME) {
            in.take();
        }
        end();
        return body;
    }

    private void block(List<Statement> statements) {
        Token tag = in.take();
        switch (tag.text()) {
            case "if" -> statements.add(conditional());
            case "for" -> statements.add(loop());
            case "set" -> statements.add(assignment());
            case "macro" -> statements.add(macro());
            case "call" -> statements.add(callBlock());
            case "filter" -> statements.add(filterBlock());
            case "with" -> statements.add(with());
            case "break" -> {
                end();
                statements.add(new Statement.Break());
            }
            case "continue" -> {
                end();
                statements.add(new Statement.Continue());
            }
            case "do" -> {
                Expression unprinted = in.tuple();
                end();
                statements.add(new Statement.If(unprinted, List.of(), List.of()));
            }
            case "generation" -> {
                // Marks the assistant's words for training; nothing to us.
                end();
                statements.addAll(bodyTo("endgeneration"));
            }
            default -> throw JinjaException.fault("line " + tag.line() + ": unknown tag " + tag);
        }
    }

    private Statement conditional() {
        Expression condition = in.tuple();
        end();
        List<Statement> yes = body(Set.of("elif", "else", "endif"));
        String closing = in.take().text();
        if (closing.equals("elif")) {
            return new Statement.If(condition, yes, List.of(conditional()));
        }
        end();
        return new Statement.If(condition, yes, closing.equals("else") ? bodyTo("endif") : List.of());
    }

    private Statement loop() {
        List<String> targets = new ArrayList<>();
        boolean bracketed = in.takeOperator("(");
        do {
            targets.add(in.expectName());
        } while (in.takeOperator(","));
        if (bracketed) {
            in.expectOperator(")");
        }
        if (!in.takeName("in")) {
            throw in.unexpected("'in'");
        }
        Expression items = in.withoutCondition();
        Expression condition = in.takeName("if") ? in.expression() : null;
        if (in.takeName("recursive")) {
            throw in.unexpected("a loop that is not recursive");
        }
        end();
        List<Statement> body = body(Set.of("else", "endfor"));
        boolean hasElse = in.take().text().equals("else");
        end();
        return new Statement.For(
                new Statement.Loop(targets, items, condition), body, hasElse ? bodyTo("endfor") : List.of());
    }

    private Statement assignment() {
        List<Expression> targets = new ArrayList<>();
        do {
            targets.add(in.postfix(new Expression.Name(in.expectName())));
        } while (in.takeOperator(","));
        if (in.takeOperator("=")) {
            Expression value = in.tuple();
            end();
            return new Statement.Set(targets, value);
        }
        List<Expression.Filter> filters = new ArrayList<>();
        while (in.takeOperator("|")) {
            filters.add(in.filter(new Expression.Literal("")));
        }
        end();
        return new Statement.SetBlock(targets.getFirst(), bodyTo("endset"), filters);
    }

    private Statement.Macro macro() {
        String name = in.expectName();
        List<Statement.Parameter> parameters = parameters();
        end();
        return new Statement.Macro(name, parameters, bodyTo("endmacro"));
    }

    private List<Statement.Parameter> parameters() {
        List<Statement.Parameter> parameters = new ArrayList<>();
        in.expectOperator("(");
        while (!in.takeOperator(")")) {
            String name = in.expectName();
            parameters.add(new Statement.Parameter(name, in.takeOperator("=") ? in.expression() : null));
            if (!in.peek().isOperator(")")) {
                in.expectOperator(",");
            }
        }
        return parameters;
    }

    private Statement callBlock() {
        List<Statement.Parameter> parameters = in.peek().isOperator("(") ? parameters() : List.of();
        if (!(in.expression() instanceof Expression.Call call)) {
            throw in.unexpected("a call");
        }
        end();
        return new Statement.CallBlock(new Statement.Macro("caller", parameters, bodyTo("endcall")), call);
    }

    private Statement filterBlock() {
        Expression.Filter filter = in.filter(new Expression.Literal(""));
        end();
        return new Statement.FilterBlock(filter, bodyTo("endfilter"));
    }

    private Statement with() {
        List<Statement.Set> sets = new ArrayList<>();
        while (in.peek().kind() == Token.Kind.NAME) {
            Expression target = new Expression.Name(in.expectName());
            in.expectOperator("=");
            sets.add(new Statement.Set(List.of(target), in.expression()));
            if (!in.takeOperator(",")) {
                break;
            }
        }
        end();
        return new Statement.With(sets, bodyTo("endwith"));
    }
}
