import { C_PROBLEMS, DOUBTFUL_C_PROBLEMS } from "../../../extension/core/cstruct/problem.ts";
import { DECODE_PROBLEMS } from "../../../extension/core/decode/problem.ts";
import { CAPTURE_PROBLEMS } from "../../../extension/core/files/problem_sentences.ts";
import { FILTER_PROBLEMS } from "../../../extension/core/filter/problem.ts";
import { FIT_PROBLEMS } from "../../../extension/core/kaitai/failure.ts";
import { KEY_DOCS } from "../../../extension/core/kaitai/keys.ts";
import { DEFINITION_PROBLEMS } from "../../../extension/core/kaitai/problem.ts";
import { ENCODE_PROBLEMS } from "../../../extension/core/payload/encoded.ts";
import { PROTO_PROBLEMS, WIRE_PROBLEMS } from "../../../extension/core/protobuf/problem.ts";
import {
  CHECK_DOCS,
  REMEDY_DOCS,
  SILENCE_DOCS,
} from "../../../extension/core/silence/sentences.ts";
import { WORD_DOCS } from "../../../extension/host/requests/request_words.ts";
import { REQUEST_PROBLEMS, RUN_PROBLEMS } from "../../../scripts/udp_run.ts";

/** All sentences by which core/ and a script, which know no editor, say what is wrong or what something is for: whoever shows one translates it. */
export const PROBLEM_SENTENCES: readonly string[] = [
  CHECK_DOCS,
  C_PROBLEMS,
  DOUBTFUL_C_PROBLEMS,
  CAPTURE_PROBLEMS,
  DECODE_PROBLEMS,
  DEFINITION_PROBLEMS,
  RUN_PROBLEMS,
  FILTER_PROBLEMS,
  FIT_PROBLEMS,
  KEY_DOCS,
  PROTO_PROBLEMS,
  ENCODE_PROBLEMS,
  REMEDY_DOCS,
  REQUEST_PROBLEMS,
  SILENCE_DOCS,
  WIRE_PROBLEMS,
  WORD_DOCS,
].flatMap((table): string[] => Object.values(table));
