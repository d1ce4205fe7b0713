import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { readPayload } from "../../../../extension/core/kaitai/decode.ts";
import { Misfit } from "../../../../extension/core/kaitai/failure.ts";
import { Items, Struct } from "../../../../extension/core/kaitai/run.ts";
import { loadTestDefinition, TESTS } from "./support.ts";

/** A specification: the definition's name, the bytes that it reads, and what must come out. */
interface Specification {
  readonly id: string;
  readonly data: string;
  readonly exception?: string | { readonly type: string };
  readonly asserts?: readonly {
    readonly actual: string | number;
    readonly expected?: string | number | boolean;
    readonly exception?: string;
  }[];
}

/** Those that are outside of what is interpreted here: what they need of a program. */
const OUTSIDE: Readonly<Record<string, string>> = {
  opaque_external_type: "a class",
  process_custom: "a function",
  process_custom_no_args: "a function",
  process_repeat_usertype_dynarg_custom: "a function",
  process_term_struct: "a function",
  type_ternary_opaque: "a class",
};

/** Kaitai's names of exceptions, and the problems here that are the same. */
const EXCEPTIONS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^EndOfStreamError/, ["bytesLeft", "bitsLeft", "noTerminator"]],
  [/^ValidationNotEqualError/, ["notEqual"]],
  [/^ValidationLessThanError/, ["tooSmall"]],
  [/^ValidationGreaterThanError/, ["tooLarge"]],
  [/^ValidationNotAnyOfError/, ["notAnyOf"]],
  [/^ValidationNotInEnumError/, ["notInEnum"]],
  [/^ValidationExprError/, ["notValid"]],
  [/^UndecidedEndiannessError/, ["undecidedEndian"]],
  [/^ConversionError/, ["noInteger"]],
];

function codesOf(exception: string | { readonly type: string }): readonly string[] {
  const name = typeof exception === "string" ? exception : exception.type;
  const found = EXCEPTIONS.find(([pattern]) => pattern.test(name));
  assert.ok(found, `no problem is known for ${name}`);
  return found[1];
}

/** A value as it can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Items) return value.values.map(plain);
  if (value instanceof Uint8Array) return Array.from(value);
  if (value instanceof Struct) return value.plan.spec.id;
  return value;
}

const names = readdirSync(new URL("spec/ks/", TESTS)).map((file) => file.replace(/\.kst$/, ""));

describe("Kaitai Struct's own specifications", () => {
  it("are all there", () => {
    assert.equal(names.length, 320);
  });

  for (const name of names) {
    if (Object.hasOwn(OUTSIDE, name)) {
      it(`refuses ${name}, which needs ${OUTSIDE[name]} of a program`, async () => {
        const { definition, problems } = await loadTestDefinition("formats", name);
        assert.equal(definition, undefined);
        assert.equal(problems[0]?.code, "needsCode");
      });
      continue;
    }
    it(`reads ${name}`, async () => {
      const text = readFileSync(new URL(`spec/ks/${name}.kst`, TESTS), "utf8");
      const {
        id,
        data,
        exception,
        asserts = [],
      } = parse(text, {
        intAsBigInt: false,
      }) as Specification;
      const { definition, problems } = await loadTestDefinition("formats", id);
      const errors = problems.filter(({ severity }) => severity === "error");
      assert.deepEqual(errors, []);
      assert.ok(definition);
      const type = definition.types.get(definition.id);
      assert.ok(type);
      const payload = new Uint8Array(readFileSync(new URL(`src/${data}`, TESTS)));
      const { root, run, misfit } = readPayload(type, payload);
      if (exception) {
        assert.ok(misfit, "it should not fit");
        assert.ok(codesOf(exception).includes(misfit.code), misfit.message);
      } else if (!asserts.some(({ expected }) => expected !== undefined) || !misfit) {
        assert.equal(misfit, undefined);
      }
      const source = [...text.matchAll(/^ +- actual: (.+)\n +expected: (.+?)(?: +#.*)?$/gm)];
      for (const [index, { actual, expected, exception: thrown }] of asserts.entries()) {
        const evaluate = (of: string) => definition.expression(of, type).evaluate(root, run);
        if (thrown) {
          assert.throws(
            () => evaluate(String(actual)),
            (error) => error instanceof Misfit && codesOf(thrown).includes(error.code),
          );
        } else if (expected === "null") {
          assert.throws(
            () => evaluate(String(actual)),
            (error) => error instanceof Misfit && error.code === "missing",
          );
        } else {
          const wanted = source.length === asserts.length ? source[index]?.[2] : undefined;
          const written =
            typeof expected === "number" ? (wanted ?? String(expected)) : String(expected);
          const got = plain(evaluate(String(actual)));
          const value = plain(evaluate(written));
          if (typeof value === "number" && !Number.isInteger(value)) {
            assert.ok(Math.abs(Number(got) - value) < 1e-6, `${actual} is ${got}, not ${value}`);
          } else {
            assert.deepEqual(got, value, String(actual));
          }
        }
      }
    });
  }
});
