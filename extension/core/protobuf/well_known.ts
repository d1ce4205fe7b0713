/** The types that come with every compiler of `.proto` (protobuf.dev, "Well-Known Types"), which no workspace has as files. */
const TYPES: Readonly<Record<string, string>> = {
  any: "message Any { string type_url = 1; bytes value = 2; }",
  duration: "message Duration { int64 seconds = 1; int32 nanos = 2; }",
  empty: "message Empty {}",
  field_mask: "message FieldMask { repeated string paths = 1; }",
  timestamp: "message Timestamp { int64 seconds = 1; int32 nanos = 2; }",
  struct: `message Struct { map<string, Value> fields = 1; }
    message Value { oneof kind { NullValue null_value = 1; double number_value = 2; string string_value = 3;
      bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }
    enum NullValue { NULL_VALUE = 0; } message ListValue { repeated Value values = 1; }`,
  wrappers: ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"]
    .map((name) => `message ${name}Value { ${name.toLowerCase()} value = 1; }`)
    .join(" "),
  // For options alone.
  descriptor:
    "message FileOptions {} message MessageOptions {} message FieldOptions {} message EnumOptions {} message EnumValueOptions {} message ServiceOptions {} message MethodOptions {} message OneofOptions {}",
};

/** The text of `google/protobuf/timestamp.proto` and the others. */
export function wellKnownProto(path: string): string | undefined {
  const name = /^google\/protobuf\/(\w+)\.proto$/.exec(path)?.[1] ?? "";
  const types = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  return types && `syntax = "proto3"; package google.protobuf; ${types}`;
}
