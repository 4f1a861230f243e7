package org.usedecentral.backend.llamacpp.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.backend.llamacpp.grammar.Expression;
import org.usedecentral.backend.llamacpp.grammar.Grammar;
import org.usedecentral.backend.llamacpp.grammar.Matcher;

final class JsonSchemaTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** A schema, documents it has, documents it has not; each list is a JSON array. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'type':'string','minLength':2,'maxLength':3}; ['ab','a\\n🙂','世界x']; ['a','abcd',1,null]",
                "{'type':'integer','minimum':-3,'maximum':12}; [-3,-1,0,9,10,12]; [-4,13,1.5,'1',100]",
                "{'type':'integer','minimum':95,'exclusiveMaximum':1205}; [95,99,100,999,1000,1204]; [94,1205,2000,9]",
                "{'type':'integer','maximum':-10}; [-10,-11,-99,-12345]; [-9,0,10]",
                "{'type':'integer'}; [0,-1,123456]; [0.5,'1']",
                "{'type':'number','minimum':0,'maximum':1}; [0,1,0.5,0.125]; [-0.5,1.5,2,-1]",
                "{'type':'number','exclusiveMinimum':0}; [0.5,1,7.25]; [0,-0.5]",
                "{'type':'number','minimum':-2.5,'maximum':-1}; [-2,-1,-1.5]; [-2.75,-0.5,1.5,-3]",
                "{'type':'number'}; [0,-1.5,1e5,2.5E-3]; ['1',null]",
                "{'type':'boolean'}; [true,false]; [0,'true',null]",
                "{'type':['string','null']}; ['x',null]; [0,true]",
                "{'enum':['a','b',3,null,{'k':[1]}]}; ['a','b',3,null,{'k':[1]}]; ['c',4,{}]",
                "{'type':'string','enum':['a','b',3]}; ['a','b']; [3]",
                "{'const':'x\\\"y'}; ['x\\\"y']; ['x']",
                "{'type':'array','items':{'type':'boolean'},'minItems':1,'maxItems':3}; [[true],[true,false,true]]; [[],[1],[true,true,true,true]]",
                "{'type':'array','maxItems':0}; [[]]; [[1]]",
                "{'type':'array','prefixItems':[{'type':'integer'},{'type':'string'}],'items':{'type':'null'},'minItems':1,'maxItems':3}; [[1],[1,'a'],[1,'a',null]]; [[],['a'],[1,'a',null,null],[1,'a',1]]",
                "{'type':'array','prefixItems':[{'type':'integer'}],'items':false}; [[],[1]]; [[1,1],['a']]",
                "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'string'},'c':{}},'required':['b'],'additionalProperties':false}; [{'b':''},{'a':1,'b':'x'},{'b':'x','c':[{}]},{'a':1,'b':'','c':null}]; [{},{'a':1},{'b':1},{'b':'','d':1}]",
                "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'integer'}},'additionalProperties':false}; [{},{'a':1},{'b':1},{'a':1,'b':2}]; [{'c':1},{'a':'x'}]",
                "{'type':'object','properties':{'ab':{'type':'integer'}},'additionalProperties':{'type':'string'}}; [{},{'ab':1},{'a':'x'},{'ab':1,'abc':'x','ac':'y'}]; [{'ab':'x'},{'x':1},{'abc':1}]",
                "{'type':'object','required':['x']}; [{'x':1}]; [{}]",
                "{'type':'object'}; [{},{'a':{'b':[1,'x',null]}}]; [1,[]]",
                "{'anyOf':[{'type':'integer'},{'type':'array','items':{'type':'integer'}}]}; [1,[1,2]]; ['x',['x']]",
                "{'type':'object','properties':{'a':{'type':'integer'}},'anyOf':[{'required':['a']},{'properties':{'b':{'const':1}},'required':['b']}]}; [{'a':1},{'b':1},{'a':1,'b':1}]; [{},{'b':2}]",
                "{'oneOf':[{'type':'string'},{'type':'null'}]}; ['a',null]; [1]",
                "{'oneOf':[{'type':'object','properties':{'t':{'const':'a'},'x':{'type':'integer'}},'required':['t','x']},{'type':'object','properties':{'t':{'const':'b'}},'required':['t']}]}; [{'t':'a','x':1},{'t':'b'}]; [{'t':'a'},{'t':'c'}]",
                "{'allOf':[{'type':'object','properties':{'a':{'type':'integer'}},'required':['a']},{'properties':{'b':{'type':'null'}}}]}; [{'a':1},{'a':1,'b':null}]; [{},{'a':1,'b':1}]",
                "{'$defs':{'node':{'type':'object','properties':{'v':{'type':'integer'},'next':{'$ref':'#/$defs/node'}},'required':['v'],'additionalProperties':false}},'$ref':'#/$defs/node'}; [{'v':1},{'v':1,'next':{'v':2,'next':{'v':3}}}]; [{},{'v':1,'next':{}}]",
                "{'type':'array','items':{'$ref':'#'},'title':'trees','description':'d','default':[]}; [[],[[],[[]]]]; [[1]]",
                "{'definitions':{'a':{'type':'integer'}},'properties':{'x':{'$ref':'#/definitions/a','description':'d','minimum':0,'maximum':5}},'required':['x']}; [{'x':5}]; [{'x':6},{'x':-1},{}]",
                "{'type':'string','pattern':'^[A-Z]{2}-\\\\d+$'}; ['AB-1','ZZ-123']; ['A-1','AB-','xAB-1','AB-1x']",
                "{'type':'string','pattern':'b+'}; ['b','abbc']; ['','ac']",
                "{'type':'string','pattern':'^(\\\"|\\\\\\\\|[^a-z\\\\s])*?$'}; ['','\\\"','\\\\','A!']; ['a',' ']",
                "{'type':'string','pattern':'^(?:a|b(c|d)?)$'}; ['a','b','bc']; ['c','ab']",
                "{'type':'string','pattern':'^\\\\w+\\\\.(x|y)$'}; ['a_1.x','q.y']; ['.x','a.z']",
                "{'minimum':1,'maximum':2}; [1,2]; [0,3]",
                "true; [1,'x',[{}]]; []"
            })
    void acceptsWhatTheSchemaHasAndNothingElse(String schema, String accepted, String refused) throws Exception {
        String json = schema.replace('\'', '"');
        Grammar grammar = grammar(json);
        Schema validator = REGISTRY.getSchema(json);
        for (JsonNode document : MAPPER.readTree(accepted.replace('\'', '"'))) {
            assertThat(validator.validate(document))
                    .as("the test is right about %s", document)
                    .isEmpty();
            assertThat(accepts(grammar, document.toString()))
                    .as("accepts %s", document)
                    .isTrue();
        }
        for (JsonNode document : MAPPER.readTree(refused.replace('\'', '"'))) {
            assertThat(validator.validate(document))
                    .as("the test is right about %s", document)
                    .isNotEmpty();
            assertThat(accepts(grammar, document.toString()))
                    .as("accepts %s", document)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'type':'object','patternProperties':{}}; true; patternProperties",
                "{'type':'array','uniqueItems':true}; true; uniqueItems",
                "{'type':'array','contains':{}}; true; contains",
                "{'not':{}}; true; not",
                "{'type':'string','frobnicate':1}; true; frobnicate",
                "{'type':'number','multipleOf':0.1}; true; multipleOf",
                "{'type':'integer','multipleOf':7}; true; multipleOf",
                "{'type':'object','minProperties':1}; true; minProperties",
                "{'if':{},'then':{}}; true; if",
                "{'type':'string','format':'iri'}; true; iri",
                "{'type':'string','pattern':'(?=a)b'}; true; looks around",
                "{'type':'string','pattern':'^a|b$'}; true; anchors",
                "{'type':'string','pattern':'\\\\bx'}; true; \\b",
                "{'type':'string','pattern':'a','maxLength':3}; true; more than one of pattern",
                "{'oneOf':[{'type':'integer'},{'type':'number'}]}; true; oneOf",
                "{'$ref':'http://example.com/x'}; true; another document",
                "{'type':'number','minimum':0.2,'maximum':0.8}; true; no integer between",
                "{'enum':[1],'minimum':2}; true; minimum",
                "{'type':'string','minLength':3,'maxLength':2}; false; maxLength",
                "{'type':'strong'}; false; strong",
                "{'type':'string','pattern':'(a'}; false; group without an end",
                "{'$ref':'#/$defs/none'}; false; leads nowhere",
                "false; false; accepts nothing",
                "{'properties':[]}; false; properties",
                "{'type':; false; not JSON",
                "[1]; false; must be an object or a boolean"
            })
    void namesWhatItCannotHold(String schema, boolean unsupported, String name) {
        assertThatThrownBy(() -> grammar(schema.replace('\'', '"')))
                .isInstanceOfSatisfying(
                        SchemaException.class,
                        e -> assertThat(e.isUnsupported()).isEqualTo(unsupported))
                .hasMessageContaining(name);
    }

    @Test
    void formatsAreThoseOfTheirStandards() {
        Map<String, List<String>> right = Map.of(
                "date", List.of("2024-02-28", "1999-12-31", "2000-04-30"),
                "time", List.of("23:59:59Z", "00:00:00.5+02:00"),
                "date-time", List.of("2024-01-31T10:00:00Z"),
                "uuid", List.of("123e4567-e89b-12d3-a456-426614174000"),
                "ipv4", List.of("0.0.0.0", "255.10.99.199"),
                "email", List.of("a.b@example.org"),
                "hostname", List.of("example", "a-b.example.com"));
        Map<String, List<String>> wrong = Map.of(
                "date", List.of("2024-02-31", "2024-13-01", "2024-04-31", "2024-1-1"),
                "time", List.of("24:00:00Z", "10:00Z"),
                "date-time", List.of("2024-01-31 10:00:00Z"),
                "uuid", List.of("123e4567"),
                "ipv4", List.of("256.0.0.0", "1.2.3", "01.2.3.4"),
                "email", List.of("a", "@b.de"),
                "hostname", List.of("-a.com", ""));
        right.forEach((format, texts) -> texts.forEach(text -> assertThat(accepts(ofFormat(format), "\"" + text + "\""))
                .as(text)
                .isTrue()));
        wrong.forEach((format, texts) -> texts.forEach(text -> assertThat(accepts(ofFormat(format), "\"" + text + "\""))
                .as(text)
                .isFalse()));
    }

    private static Grammar ofFormat(String format) {
        return grammar("{\"type\":\"string\",\"format\":\"" + format + "\"}");
    }

    @Test
    void anyObjectIsAnyObject() {
        Map<String, Expression> rules = new LinkedHashMap<>();
        rules.put("root", JsonSchema.anyObject(rules));
        Grammar grammar = Grammar.of(rules, "root");
        assertThat(accepts(grammar, "{}")).isTrue();
        assertThat(accepts(grammar, "{ \"a\": [1, {\"b\":null}],\n  \"c\": \"\\u00e9\\n\"}"))
                .isTrue();
        assertThat(accepts(grammar, "[]")).isFalse();
        assertThat(accepts(grammar, "{\"a\":\"\\ud800\"}")).isFalse();
        assertThat(accepts(grammar, "{\"a\":1,}")).isFalse();
        assertThat(accepts(grammar, "{\"a\":01}")).isFalse();
    }

    /** Documents of random schemas, and the same with random changes: the grammar must say what the validator says. */
    @Test
    void agreesWithAValidatorOnRandomSchemasAndDocuments() throws Exception {
        long seed = Long.getLong("decentral.test.seed", System.nanoTime());
        System.Logger logger = System.getLogger(JsonSchemaTest.class.getName());
        logger.log(System.Logger.Level.INFO, "seed " + seed + " (-Ddecentral.test.seed repeats it)");
        RandomSchemas random = new RandomSchemas(new Random(seed));
        int valid = 0;
        int invalid = 0;
        for (int i = 0; i < 400; i++) {
            JsonNode schema = random.schema(3);
            Schema validator = REGISTRY.getSchema(schema);
            Grammar grammar = grammar(schema.toString());
            for (int k = 0; k < 12; k++) {
                JsonNode document = k < 6 ? random.document(schema) : random.changed(random.document(schema));
                boolean satisfies = validator
                        .validate(document.toString(), InputFormat.JSON)
                        .isEmpty();
                assertThat(accepts(grammar, document.toString()))
                        .as("seed %d: schema %s, document %s", seed, schema, document)
                        .isEqualTo(satisfies);
                valid += satisfies ? 1 : 0;
                invalid += satisfies ? 0 : 1;
            }
        }
        assertThat(valid).isGreaterThan(1000);
        assertThat(invalid).isGreaterThan(300);
    }

    private static Grammar grammar(String schema) {
        Map<String, Expression> rules = new LinkedHashMap<>();
        rules.put("root", JsonSchema.convert(schema, rules, "schema"));
        return Grammar.of(rules, "root");
    }

    private static boolean accepts(Grammar grammar, String text) {
        Matcher matcher = new Matcher(grammar);
        Matcher.State state = matcher.start();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            Matcher.@Nullable State next = matcher.next(state, b);
            if (next == null) {
                return false;
            }
            state = next;
        }
        return state.isComplete();
    }

    static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
