import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { definitionFromStruct } from "../../../../extension/core/cstruct/definition.ts";
import { TARGETS } from "../../../../extension/core/cstruct/target.ts";
import { readPayload } from "../../../../extension/core/kaitai/decode.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { Items, type Run, Struct, slotValue } from "../../../../extension/core/kaitai/run.ts";

/** A struct as it is made up here: what C says of it, and what gcc is to print. */
interface Made {
  readonly text: string;
  readonly leaves: readonly Leaf[];
}

/** A value within a struct. */
interface Leaf {
  /** As C writes it behind the struct's name: ".a[1].b". */
  readonly c: string;
  /** How it is reached in the fields of the definition. */
  readonly path: readonly (string | number)[];
  readonly kind: "signed" | "unsigned" | "float" | "raw" | "bits" | "signedBits" | "text" | "bytes";
}

interface Variant {
  readonly name: string;
  readonly target: string;
  readonly endian: "le" | "be";
  readonly flags: readonly string[];
  /** Compiled only: there may be no library to run it with. */
  readonly isLayoutOnly?: true;
  readonly before: string;
}

const VARIANTS: readonly Variant[] = [
  { name: "x86-64 Linux", target: "x86-64-linux", endian: "le", flags: [], before: "" },
  {
    name: "big-endian bytes",
    ...{ target: "x86-64-linux", endian: "be", flags: ["-Wno-scalar-storage-order"] },
    before: "#pragma scalar_storage_order big-endian\n",
  },
  {
    name: "x64 Windows",
    ...{ target: "x64-windows", endian: "le", flags: ["-mms-bitfields"], before: "" },
  },
  {
    name: "32-bit x86 Linux",
    ...{ target: "i386-linux", endian: "le", flags: ["-m32"], before: "", isLayoutOnly: true },
  },
];

const TYPES = `
typedef signed char int8_t; typedef unsigned char uint8_t; typedef short int16_t; typedef unsigned short uint16_t;
typedef int int32_t; typedef unsigned int uint32_t; typedef long long int64_t; typedef unsigned long long uint64_t;
enum small { S_A, S_B = 3, S_C = 7 }; enum negative { N_A = -2, N_B, N_C = 100 };
`;

const SIGNED = ["int8_t", "signed char", "int16_t", "int", "int64_t", "long long int", "char"];
const UNSIGNED = [
  "uint8_t",
  "uint16_t",
  "unsigned",
  "uint32_t",
  "unsigned long long",
  "enum small",
];
const BIT_TYPES = [
  "unsigned char",
  "unsigned short",
  "unsigned",
  "unsigned long long",
  "enum small",
];
const SIGNED_BIT_TYPES = ["signed char", "short", "int", "long long", "enum negative"];

const bits = (type: string): number =>
  /char/.test(type) ? 8 : /short/.test(type) ? 16 : /long/.test(type) ? 64 : 32;

type MakeMember = (name: string) => { text: string; leaves: Leaf[] };

const elements = (dims: readonly number[]): number[][] =>
  dims.reduce<number[][]>(
    (found, count) =>
      found.flatMap((one) => Array.from({ length: count }, (_, at) => [...one, at])),
    [[]],
  );

/** The path of an element: each dimension but the last is a type of its own. */
const elementPath = (name: string, indexes: readonly number[]): (string | number)[] => [
  name,
  ...indexes.flatMap((index, at) => (at === 0 ? [index] : ["items", index])),
];

const dimsArb = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
const PACKED = /\s?__attribute__\(\(packed\)\)/g;
const alignedArb = fc.constantFrom(
  "",
  "",
  "",
  "",
  "",
  " __attribute__((aligned(4)))",
  " __attribute__((packed))",
);

const scalarArb: fc.Arbitrary<MakeMember> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...SIGNED).map((type) => [type, "signed"] as const),
      fc.constantFrom(...UNSIGNED).map((type) => [type, "unsigned"] as const),
      fc.constantFrom("enum negative").map((type) => [type, "signed"] as const),
      fc.constantFrom("float", "double").map((type) => [type, "float"] as const),
      fc.constant(["_Bool", "raw"] as const),
    ),
    dimsArb,
    alignedArb,
  )
  .map(([[type, kind], dims, aligned]) => (name) => {
    const text = `${type} ${name}${dims.map((count) => `[${count}]`).join("")}${aligned};`;
    const isText = dims.length > 0 && /^(char|uint8_t)$/.test(type);
    const outer = isText ? dims.slice(0, -1) : dims;
    const leaves = elements(outer).map(
      (indexes): Leaf => ({
        c: `.${name}${indexes.map((at) => `[${at}]`).join("")}`,
        path: elementPath(name, indexes),
        kind: isText ? (type === "char" ? "text" : "bytes") : kind,
      }),
    );
    return { text, leaves };
  });

const bitFieldArb: fc.Arbitrary<MakeMember> = fc
  .tuple(fc.boolean(), fc.nat(4), fc.nat(), fc.nat(9))
  .map(([isSigned, type, width, unnamed]) => (name) => {
    const word = (isSigned ? SIGNED_BIT_TYPES : BIT_TYPES)[type] ?? "int";
    const isEnum = word.startsWith("enum");
    const count = 1 + (width % bits(word));
    if (unnamed === 0) return { text: `${word} : ${width % bits(word)};`, leaves: [] };
    // An enum's bit-field holds all of its values.
    const most = isEnum ? Math.max(count, 8) : count;
    const kind = isSigned ? "signedBits" : "bits";
    return { text: `${word} ${name} : ${most};`, leaves: [{ c: `.${name}`, path: [name], kind }] };
  });

/** @param isMicrosoft gcc lays out bit-fields of unions by no rule of Microsoft's */
const recordArb = (
  depth: number,
  isMicrosoft: boolean,
): fc.Arbitrary<(kind: "struct" | "union") => Made> => {
  const inner: fc.Arbitrary<MakeMember>[] =
    depth === 0
      ? []
      : [
          fc
            .tuple(recordArb(depth - 1, isMicrosoft), fc.constantFrom("struct", "union"), dimsArb)
            .map(([make, kind, dims]) => (name: string) => {
              const { text, leaves } = make(kind as "struct" | "union");
              return {
                text: `${kind} ${text} ${name}${dims.map((count) => `[${count}]`).join("")};`,
                leaves: elements(dims).flatMap((indexes) =>
                  leaves.map((leaf) => ({
                    ...leaf,
                    c: `.${name}${indexes.map((at) => `[${at}]`).join("")}${leaf.c}`,
                    path: [...elementPath(name, indexes), ...leaf.path],
                  })),
                ),
              };
            }),
        ];
  return fc
    .tuple(
      fc.array(fc.oneof(scalarArb, bitFieldArb, scalarArb, bitFieldArb, ...inner), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.constantFrom("", "", "", "__attribute__((packed)) ", "__attribute__((aligned(8))) "),
    )
    .map(([members, attribute]) => (kind) => {
      const isAllowed = ({ text }: { text: string }) =>
        !isMicrosoft || kind === "struct" || !/^[^{]* : \d+;$/.test(text);
      const made = members.map((make, index) => make(`m${index}`)).filter(isAllowed);
      // Of what is a member of none, C says nothing.
      const all = kind === "union" ? [...made, { text: "int z;", leaves: [] }] : made;
      return {
        text: `${attribute}{ ${all.map(({ text }) => text).join(" ")} int last; }`,
        leaves: made.flatMap(({ leaves }) => leaves),
      };
    });
};

const PRINT: Readonly<Record<Leaf["kind"], (it: string) => string>> = {
  signed: (it) => `printf("%lld\\n", (long long)${it});`,
  unsigned: (it) => `printf("%llu\\n", (unsigned long long)${it});`,
  signedBits: (it) => `printf("%lld\\n", (long long)${it});`,
  bits: (it) => `printf("%llu\\n", (unsigned long long)${it});`,
  float: (it) => `printf("%.17g\\n", (double)${it});`,
  raw: (it) => `printf("%d\\n", *(unsigned char *)&${it});`,
  text: (it) => `printf("%d\\n", (int)sizeof ${it});`,
  bytes: (it) => `for (int i = 0; i < (int)sizeof ${it}; i++) printf("%02x", ${it}[i]); puts("");`,
};

/** What C says of the place of a value: nothing of bits. */
const hasPlace = ({ kind }: Leaf) => kind !== "bits" && kind !== "signedBits";

/** Goes along a path; the value, and where its bytes begin. */
function reach(root: Struct, path: readonly (string | number)[], run: Run) {
  let value: unknown = root;
  let start: number | undefined;
  for (const step of path) {
    if (typeof step === "number") {
      assert.ok(value instanceof Items, path.join("."));
      start = value.starts[step];
      value = value.values[step];
    } else {
      assert.ok(value instanceof Struct, path.join("."));
      const index = value.plan.slots.findIndex(({ id }) => id === step);
      assert.ok(index >= 0, `${path.join(".")} has no ${step}`);
      const struct: Struct = value;
      value = struct.plan.slots[index]?.compute
        ? slotValue(struct, index, run)
        : struct.values[index];
      start = struct.starts[index];
    }
  }
  return { value, start };
}

function sameValue(told: string, value: unknown, { kind }: Leaf): boolean {
  if (told === "-") return true;
  if (kind === "text") return typeof value === "string";
  if (kind === "bytes") return Buffer.from(value as Uint8Array).toString("hex") === told;
  if (kind !== "float") return BigInt(value as number | bigint | boolean) === BigInt(told);
  return told.includes("nan") ? Number.isNaN(value) : Object.is(Number(told), value);
}

/** Bytes that look like any others. */
function bytesOf(seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length: 8192 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

function hasGcc(flags: readonly string[]): boolean {
  try {
    execFileSync("gcc", [...flags, "-S", "-x", "c", "-o", "/dev/null", "-"], {
      input: "int x;",
      stdio: "pipe",
    });
    return true;
  } catch {
    return false;
  }
}

describe("A definition from a C struct has each field where gcc has it:", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "udp-workbench-cstruct-"));
  after(() => rmSync(folder, { recursive: true }));

  for (const { name, target: id, endian, flags, before, isLayoutOnly } of VARIANTS) {
    it(name, async function () {
      if (!hasGcc(flags)) {
        assert.ok(process.env.CI === undefined || isLayoutOnly, "gcc is missing");
        this.skip();
      }
      const target = TARGETS.find((one) => one.id === id) ?? assert.fail(id);
      const casesArb = fc.array(
        fc.tuple(
          recordArb(2, id === "x64-windows"),
          fc.constantFrom("", "", "#pragma pack(1)\n", "#pragma pack(2)\n", "#pragma pack(4)\n"),
        ),
        { minLength: 8, maxLength: 8 },
      );
      await fc.assert(
        fc.asyncProperty(casesArb, fc.nat(), async (cases, seed) => {
          const bytes = bytesOf(seed);
          const made = cases.map(([make, pack], index) => {
            const { text: whole, leaves } = make("struct");
            // Microsoft's compilers have no such word, and gcc none of their rules for it.
            const text = id === "x64-windows" ? whole.replaceAll(PACKED, "") : whole;
            const [, attribute = "", body = ""] = /^(__attribute__\S+ )?(.*)$/s.exec(text) ?? [];
            return {
              text: `${pack}struct ${attribute}s${index} ${body};\n#pragma pack()\n`,
              leaves,
            };
          });
          const structs = made.map(({ text }) => text).join("");
          const told = isLayoutOnly
            ? layoutOf(folder, TYPES + before + structs, made, flags)
            : valuesOf(folder, TYPES + before + structs, made, flags, bytes, endian);
          for (const [index, { text, leaves }] of made.entries()) {
            const written = definitionFromStruct(TYPES + text, { target, endian, isPacked: false });
            const { definition, problems } = await loadDefinition("s.ksy", written.text);
            assert.deepEqual(problems, [], written.text);
            const plan = definition?.types.get(written.id) ?? assert.fail();
            const [size = "", ...lines] = told[index] ?? [];
            assert.equal(written.size, Number(size), `${text}\n${written.text}`);
            const { root, run, misfit } = readPayload(plan, bytes.slice(0, written.size));
            assert.equal(misfit, undefined);
            for (const [at, leaf] of leaves.entries()) {
              const [offset = "", value = ""] = (lines[at] ?? "").split(" ");
              const found = reach(root, leaf.path, run);
              const where = `${leaf.c} of ${text}: gcc ${lines[at]}, here ${found.start} ${found.value}\n${written.text}`;
              if (offset !== "-") assert.equal(found.start, Number(offset), where);
              if (!isLayoutOnly) assert.ok(sameValue(value, found.value, leaf), where);
            }
          }
        }),
        // Each attempt to make it smaller would be a run of gcc.
        { numRuns: 4, endOnFailure: true },
      );
    });
  }
});

type Told = readonly (readonly string[])[];

/** Of each struct: its size, then of each leaf "offset value". */
function valuesOf(
  folder: string,
  structs: string,
  made: readonly Made[],
  flags: readonly string[],
  bytes: Uint8Array,
  endian: "le" | "be",
): Told {
  const bodies = made.map(({ leaves }, index) => {
    const it = `v${index}`;
    const lines = leaves.map((leaf) => {
      // gcc gives no address of what it has to turn around.
      const place =
        hasPlace(leaf) && endian === "le"
          ? `printf("%d ", (int)((char *)&${it}${leaf.c} - (char *)&${it}));`
          : 'printf("- ");';
      if (leaf.kind === "raw" && endian === "be") return 'puts("- -");';
      return place + PRINT[leaf.kind](it + leaf.c);
    });
    return `static struct s${index} ${it}; memcpy(&${it}, data, sizeof ${it}); printf("= %d\\n", (int)sizeof ${it});\n${lines.join("\n")}`;
  });
  const program = `#include <stdio.h>\n#include <string.h>\n${structs.replaceAll("_t;", "_T;").replaceAll(/\bu?int(8|16|32|64)_[tT]\b/g, (word) => `my_${word.toLowerCase()}`)}
static unsigned char data[8192];
int main(void) { fread(data, 1, sizeof data, stdin);\n${bodies.join("\n")}\nreturn 0; }`;
  const source = join(folder, "values.c");
  const binary = join(folder, "values");
  writeFileSync(source, program);
  execFileSync("gcc", ["-O0", "-w", ...flags, "-o", binary, source], { stdio: "pipe" });
  const out = execFileSync(binary, { input: bytes, encoding: "utf8", maxBuffer: 1 << 26 });
  return out
    .split("= ")
    .slice(1)
    .map((part) => part.trimEnd().split("\n"));
}

/** The same without values, from what gcc compiles without running it. */
function layoutOf(
  folder: string,
  structs: string,
  made: readonly Made[],
  flags: readonly string[],
): Told {
  const tables = made.map(({ leaves }, index) => {
    const offsets = leaves.map((leaf) =>
      hasPlace(leaf) ? `__builtin_offsetof(struct s${index}, ${leaf.c.slice(1)})` : "-1",
    );
    return `const int told${index}[] = { sizeof(struct s${index}), ${offsets.join(", ")} };`;
  });
  const source = join(folder, "layout.c");
  writeFileSync(source, `${structs}\n${tables.join("\n")}\n`);
  const text = execFileSync("gcc", ["-w", ...flags, "-S", "-o", "-", source], { encoding: "utf8" });
  return made.map((_, index) => {
    const [, part = ""] = text.split(`told${index}:\n`);
    const [table = ""] = part.split(/\n(?!\t\.(?:long|zero))/);
    const numbers = [...table.matchAll(/\.(long|zero)\t(-?\d+)/g)].flatMap(([, word, number]) =>
      word === "zero" ? new Array<string>(Number(number) / 4).fill("0") : [number ?? ""],
    );
    return numbers.map((number) => (number === "-1" ? "-" : number));
  });
}
