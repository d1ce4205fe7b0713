import type { Disposable, Event, Uri } from "vscode";
import type { Rule } from "../scripts/udp_relay.ts";
import type { TargetId } from "./core/cstruct/target.ts";
import type { DescribedField } from "./core/decode/described_field.ts";
import type { FollowLayout } from "./core/export/follow_text.ts";
import type { OtherPacketCounts } from "./core/files/capture_sink.ts";
import type { LossReason } from "./core/losses/losses.ts";
import type { Found } from "./core/silence/findings.ts";
import type { Check } from "./core/silence/sentences.ts";
import type { GroupingKind } from "./core/statistics/grouping.ts";
import type { StatisticsTable } from "./core/statistics/statistics_table.ts";
import type { PayloadFormat } from "./core/text/payload_format.ts";
import type { Endpoint } from "./core/wire/endpoint.ts";
import type { WrittenSocketRule } from "./core/wire/socket_rule.ts";
import type { ClientFlags, RelayFlags, ServerFlags } from "./host/launch/script_options.ts";
import type { ReplayResult } from "./processes/sender/messages.ts";

/**
 * What `activate()` returns, for tests and other extensions:
 *
 *     const udp = await vscode.extensions.getExtension<UdpWorkbench>("udp-workbench.udp-workbench")?.activate();
 */
export interface UdpWorkbench {
  /** The ports that tapped programs have bound now. */
  ports(): BoundPort[];
  /**
   * The UDP sockets of this machine that no tap has told of, as the operating system lists them now. Brings
   * {@link BoundPort.lostInReceiveBuffer} up to date as well. Empty where the system cannot be asked.
   */
  otherSockets(): Promise<OtherSocket[]>;
  /**
   * Captured datagrams in the order of their time, from position `from` (default 0) up to, but not including, `to`
   * (default: all there are). Positions move when a record of another program arrives late.
   *
   * @throws RangeError when `from` or `to` is no whole number from 0 on.
   */
  datagrams(range?: { from?: number; to?: number }): Promise<Datagram[]>;
  /**
   * A decoder beside those that are built in and the definitions of the workspace: its fields are in the detail, in filters
   * (`acme.temp > 30`), as columns and exported. It runs in a thread of its own, bounded in time (100 ms for a payload), memory
   * and output; what it says is printed as data. A person's choice and definitions of the workspace go before it; it goes before
   * the guesses of the built-in ones. Gone when it is disposed of. docs/definitions.md has an example.
   *
   * @throws TypeError when it is no such decoder; Error with the reason when its module cannot be loaded.
   */
  registerDecoder(decoder: RegisteredDecoder): Promise<Disposable>;
  /** Fires after datagrams, ports or their counts have changed, at most 20 times a second. */
  readonly onDidCapture: Event<CaptureState>;
}

/** A decoder of another extension. */
export interface RegisteredDecoder {
  /** What the names of its fields begin with: a letter, then letters, digits, `_` or `-`. The latest of an id is the one that counts. */
  readonly id: string;
  /** As its users write it. */
  readonly name: string;
  /** What is sent from or to these is its, as far as it reads it. */
  readonly ports?: readonly number[];
  /**
   * Absolute path of a module of JavaScript (CommonJS or ES) that exports a {@link DecoderModule}; it is loaded into a thread
   * without `vscode`, and may be loaded again.
   */
  readonly module: string;
}

/** What such a module exports. */
export interface DecoderModule {
  /** What a payload says. Throws an Error with a sentence where it says nothing. */
  decode(payload: Uint8Array): DecodedPayload;
  /** Whether a payload of any port can be little else; left out: the ports alone tell. */
  speaks?(payload: Uint8Array): boolean;
}

export interface DecodedPayload {
  /** One line; left out: the first fields. */
  readonly summary?: string;
  /** Outer before inner; at most 5,000 are shown. */
  readonly fields: readonly PayloadField[];
  /** Why not all of it could be read: a sentence. */
  readonly problem?: string;
}

export interface PayloadField {
  readonly name: string;
  /** Left out: of what only holds others. */
  readonly value?: string | number | bigint | boolean;
  /** Its bytes in the payload, `end` exclusive; the same where it has none. */
  readonly start: number;
  readonly end: number;
  readonly fields?: readonly PayloadField[];
}

export interface CaptureState {
  /** Datagrams in the table. */
  readonly datagrams: number;
  /** Records that are known to be missing. */
  readonly notRecorded: number;
}

/** A UDP socket that is bound. `address` is a wildcard (`0.0.0.0`, `::`) where the program asked for one. */
export interface BoundPort extends Endpoint {
  /** Process id of the program. */
  readonly pid: number | undefined;
  /** Basename of the program, `udp_server.ts`. */
  readonly program: string;
  /** Datagrams so far. */
  readonly received: number;
  readonly sent: number;
  /** Records that the tap had to leave out. */
  readonly notRecorded: number;
  /**
   * Datagrams that the system threw away before the program could receive them, as of the latest look at its table: at
   * most a second ago while the Bound Ports view is visible. Undefined where it is not known: only Linux tells.
   */
  readonly lostInReceiveBuffer: number | undefined;
  /** Those that were heard last first; of more than 100,000 only so many. */
  readonly peers: readonly Peer[];
  /**
   * What passed between the port and others than {@link peers}: their datagrams had to go because the capture folder was
   * full, or there are more than 100,000 peers.
   */
  readonly others: { readonly received: number; readonly sent: number };
}

/** A UDP socket of a program that is not tapped. */
export interface OtherSocket extends Endpoint {
  /** The zone of a link-local address, `eth0` or `12`; "" where there is none. */
  readonly zone: string;
  /** The other end where it is connected. */
  readonly peer: Endpoint | undefined;
  /** Process id; undefined where the system does not tell us. */
  readonly pid: number | undefined;
  /** What people call the process, `udp_server.ts` or `chrome`; "" where it is not known. Hostile text. */
  readonly program: string;
  /** Bytes that wait for the program; undefined where the system does not tell. */
  readonly receiveQueue: number | undefined;
  readonly lostInReceiveBuffer: number | undefined;
  /** True for a JavaScript program in a terminal of this window: run with auto attach, its datagrams would be seen. */
  readonly isUntappedScript: boolean;
}

/** The other end of datagrams that passed a bound port. */
export interface Peer extends Endpoint {
  readonly received: number;
  readonly sent: number;
  /** Of those that were sent, how many are known to have been refused: nobody has the port, or something on the way says no. */
  readonly refused: number;
  /** Microseconds since 1970 of the latest datagram. */
  readonly lastTime: number;
}

/** One record: what one socket saw of one datagram. */
export interface Datagram {
  /** Stays the same until Clear Datagrams or a window reload. */
  readonly id: number;
  /** Microseconds since 1970. */
  readonly time: number;
  /** Seen from the local end; `unknown` where the file does not tell. */
  readonly direction: "in" | "out" | "unknown";
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** Payload bytes on the wire. */
  readonly length: number;
  /** Payload bytes that were captured: all of them, unless the tap was told to cut. */
  readonly payload: Uint8Array;
  /** What was out of the ordinary (`send failed: EMSGSIZE`), or "". */
  readonly comment: string;
}

/**
 * Every command: its argument, and what comes of it.
 *
 *     type Started = CommandTypes["udpWorkbench.startServer"][1];
 *     const { port } = await vscode.commands.executeCommand<Started>("udpWorkbench.startServer", { port: 0 });
 *
 * Who gives an argument, be it `{}`, is asked nothing but what stands below: the command resolves with its result, or
 * rejects with one sentence that says what is wrong. Without one it is a person's, as from the palette: they are asked, and told what came of it;
 * then it resolves with undefined where they gave up, or where it failed. An option that a command does not have is an
 * error. All of them are in docs/commands.md.
 */
export interface CommandTypes {
  /** Resolves once it is bound. */
  "udpWorkbench.startServer": [ServerOptions, StartedServer];
  /** Resolves when it has ended. */
  "udpWorkbench.startClient": [ClientOptions, EndedClient];
  /** A bad network in front of a port; resolves once clients can send to it. */
  "udpWorkbench.startRelay": [RelayOptions, StartedServer];
  /** Runs TypeScript or JavaScript with the tap; resolves once it runs. */
  "udpWorkbench.runFile": [RunFileOptions, RunningProgram];
  /** Whether programs that are started in new terminals are watched: as `on` says, or the other way than before. */
  "udpWorkbench.toggleAutoAttach": [{ readonly on?: boolean }, { readonly on: boolean }];
  /** Runs a program of a terminal of this window again, watched, in a new terminal. */
  "udpWorkbench.attachAndRunAgain": [{ readonly pid: number }, { readonly commandLine: string }];
  /** Runs any program under strace (Linux); resolves, with the process of its terminal, once it runs. */
  "udpWorkbench.watchProgram": [WatchProgramOptions, RunningProgram];
  /** Ends a program of a terminal of this window and runs it again under strace (Linux). */
  "udpWorkbench.watchAgain": [{ readonly pid: number }, { readonly commandLine: string }];
  /** Resolves once what the command puts out is a capture. */
  "udpWorkbench.captureFromCommand": [CaptureCommandOptions, RunningProgram];
  /** All of them, or the one with that process; resolves when they have ended. */
  "udpWorkbench.stopCaptures": [{ readonly pid?: number }, { readonly stopped: number }];
  /** Ends the program that has a port bound. */
  "udpWorkbench.stop": [PortOptions, undefined];
  /** Ends all programs that have bound ports. */
  "udpWorkbench.stopAll": [NoOptions, undefined];
  /** Shows the terminal of the program that has a port bound. */
  "udpWorkbench.revealTerminal": [PortOptions, undefined];
  /** Shows, and resolves with, the UDP sockets that are not watched; with `{}` nothing is shown. */
  "udpWorkbench.showOtherProcesses": [NoOptions, OtherSocket[]];
  /** Why nothing arrives somewhere: what each check found, the causes first. Sends nothing unless `probe` says so. */
  "udpWorkbench.explainSilence": [SilenceOptions, ExplainedSilence];
  /** Of what was sent to one end, how many were lost, in which bursts, why, and what would have held them. */
  "udpWorkbench.explainLosses": [LossOptions, ExplainedLosses];
  /** Selects the next lost datagram in the grid that was used last; resolves with it, if there is one. */
  "udpWorkbench.nextLost": [NoOptions, { readonly id: number | undefined }];
  "udpWorkbench.previousLost": [NoOptions, { readonly id: number | undefined }];
  /** Has a program close its socket. */
  "udpWorkbench.closeSocket": [{ readonly from: SendingEnd }, undefined];
  /** Makes the network of a bound port bad, in its program; without rules good again. They end with the window. */
  "udpWorkbench.setRules": [RulesOptions, SetRules];
  /** Ends all rules that this window has set. */
  "udpWorkbench.stopAllRules": [NoOptions, { readonly stopped: number }];
  "udpWorkbench.send": [SendOptions, SentDatagram];
  /** Answers a datagram, from the port that received it. Without a payload a person is asked, who may give up. */
  "udpWorkbench.reply": [ReplyOptions, SentDatagram | undefined];
  /** Sends a datagram again, to where it went. */
  "udpWorkbench.resend": [ResendOptions, SentDatagram];
  /** Sends something else to where a datagram went. Without a payload a person is asked, who may give up. */
  "udpWorkbench.editAndSend": [ReplyOptions, SentDatagram | undefined];
  /** Sends a capture, or a part of it; resolves when all is sent. */
  "udpWorkbench.replay": [ReplayOptions, ReplayResult];
  /** `datagrams`: which are meant; `all` where it is left out. */
  "udpWorkbench.openInWireshark": [{ readonly datagrams?: Scope }, ManyDatagrams];
  /** Takes all datagrams out of the table. */
  "udpWorkbench.clear": [NoOptions, undefined];
  /** Resolves when the file is there. */
  "udpWorkbench.exportCapture": [ExportOptions, ManyDatagrams];
  /** Opens a capture file in an editor; resolves when it has been read. */
  "udpWorkbench.openCapture": [{ readonly uri: Uri | string }, OpenedCapture];
  /** Narrows the grid to the conversation of a datagram. */
  "udpWorkbench.follow": [FollowOptions, FollowedConversation];
  /** Opens the conversation of a datagram as a document. */
  "udpWorkbench.followAsText": [FollowOptions, FollowedConversation];
  /** Chooses what reads the payloads of a datagram's port from now on. Without a decoder a person is asked. */
  "udpWorkbench.decodeAs": [DecodeOptions, PortDecoder | undefined];
  /** What a person reads of a datagram. */
  "udpWorkbench.describe": [DatagramOptions, DescribedDatagram];
  /** Two datagrams, to be compared; a person sees them in the editor for differences. */
  "udpWorkbench.compare": [CompareOptions, ComparedDatagrams];
  /** Which CRCs a datagram ends in. */
  "udpWorkbench.findCrc": [DatagramOptions, FoundCrcs];
  /** Counts this window's capture by conversations, ends, ports or the values of a field; a person gets a page of it. */
  "udpWorkbench.showStatistics": [StatisticsOptions, StatisticsTable];
  /** Writes a datagram, with what answered it, as a request file; and all that was asked in its conversation. */
  "udpWorkbench.saveAsRequest": [DatagramOptions, SavedRequests];
  "udpWorkbench.saveConversationAsRequests": [DatagramOptions, SavedRequests];
  /** Writes a request file that answers as was answered in the conversation of a datagram. */
  "udpWorkbench.saveConversationAsMock": [DatagramOptions, SavedRequests];
  /** Writes what was asked among these datagrams, with what came for it, as a request file. */
  "udpWorkbench.saveRecordingAsTest": [RecordingOptions, SavedRequests];
  /** Writes a definition of payloads that are a struct of C. */
  "udpWorkbench.newDefinitionFromStruct": [StructDefinitionOptions, StructDefinition];
  /** Opens the grid of this window's capture in an editor. */
  "udpWorkbench.openInEditor": [NoOptions, undefined];
  /** Opens what the datagrams of the grid that was used last say in numbers, in an editor. */
  "udpWorkbench.showValues": [NoOptions, undefined];
  /** Draws a field over time there, of whichever senders have it. */
  "udpWorkbench.plot": [PlotOptions, undefined];
  /** Holds the rows of this window's capture as they are; recording goes on. */
  "udpWorkbench.pause": [NoOptions, undefined];
  "udpWorkbench.resume": [NoOptions, undefined];
  /** These write what is selected in the grid that was used last to the clipboard. */
  "udpWorkbench.copyAsText": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsHex": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsC": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsJson": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsClient": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsPython": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsNode": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsCProgram": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsNetcat": [NoOptions, ManyDatagrams];
  /** A table of Markdown; and the ladder of what is selected: who sent what to whom, as a diagram of Mermaid or a picture. */
  "udpWorkbench.copyAsMarkdown": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsMermaid": [NoOptions, ManyDatagrams];
  "udpWorkbench.copyAsSvg": [NoOptions, ManyDatagrams];
}

export interface PlotOptions {
  /** As filters call it: `tracker.temp`; or without the name of its decoder. */
  readonly field: string;
}

/** `{}` */
export type NoOptions = Readonly<Record<never, never>>;

/** Options of a server; those of {@link ServerFlags} are the script's, and its --help tells what they do. */
export interface ServerOptions extends ServerFlags {
  /** Address to bind; 127.0.0.1 where not given. */
  readonly host?: string;
  /** 0 to 65535; 0 lets the system choose; 9999 where not given. */
  readonly port?: number;
  /** How it answers: `greet`, `upper`, `echo`, `none` or what else the script knows; `greet` where not given. */
  readonly reply?: string;
}

/** Options of a relay; those of {@link RelayFlags} are the script's, and its --help tells what they do. */
export interface RelayOptions extends RelayFlags {
  /** Where it passes datagrams on to: `127.0.0.1:9999`, `[::1]:9999`, or a port of this machine. */
  readonly to: string;
  /** Where clients send to, in the same way; 127.0.0.1:9998 where not given. */
  readonly listen?: string;
}

/** A server or relay that is bound. */
export interface StartedServer extends Endpoint, RunningProgram {}

export interface RunningProgram {
  readonly pid: number;
}

/** Options of a client; those of {@link ClientFlags} are the script's, and its --help tells what they do. */
export interface ClientOptions extends ClientFlags {
  /** Address or name to send to; 127.0.0.1 where not given. */
  readonly host?: string;
  /** 1 to 65535; 9999 where not given. */
  readonly port?: number;
  /** One datagram each; the lesson's three names where not given or empty. */
  readonly messages?: readonly string[];
}

export interface EndedClient {
  /** Undefined where it was ended by a signal. */
  readonly exitCode: number | undefined;
}

export interface RunFileOptions {
  /** A Uri, its text, or an absolute path; the file in the active editor where not given. */
  readonly uri?: Uri | string;
  /** Words behind the file on the command line. */
  readonly args?: readonly string[];
}

export interface WatchProgramOptions {
  /** A program, or a line for `sh` where there are no `args`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Where it runs: an absolute path; the first workspace folder where not given. */
  readonly cwd?: string;
}

export interface CaptureCommandOptions {
  /** A program, or a line for the shell where there are no `args`. It writes pcap or pcapng to its output. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Title of the terminal. */
  readonly name?: string;
}

/** A bound port; the one at any address, of any program, where these are not given. */
export interface PortOptions {
  readonly address?: string;
  readonly port: number;
  readonly pid?: number;
}

/** The bound port of a program that is watched: `127.0.0.1:9999`, or the latest of the program with that id. */
export type SendingEnd = string | { readonly pid: number };

/** What happens to the datagrams of a port one way, of all peers or of one; of several that fit, the first applies. */
export type SocketRule = WrittenSocketRule<Rule>;

export interface RulesOptions {
  /** Of a JavaScript program. */
  readonly socket: SendingEnd;
  /** 16 at most; none: everything passes. */
  readonly rules: readonly SocketRule[];
}

/** What applies now. */
export interface SetRules {
  /** `127.0.0.1:9999` */
  readonly socket: string;
  readonly rules: readonly SocketRule[];
}

/** What a program, which nobody asks, has to say of a target that is not this machine. */
export interface Consent {
  /** Datagrams may leave this machine. */
  readonly confirmed?: boolean | undefined;
  /** They may go to a broadcast address, that is to many machines. */
  readonly broadcast?: boolean | undefined;
}

export interface PayloadOptions {
  /** Bytes, or a text in `format`, in which `{{crc16/modbus}}` and the like are computed. */
  readonly payload: string | Uint8Array;
  /** `text` where not given; `fields`: as those of a definition of the workspace, `sensor { id: 7, temp: 21.5 }`. */
  readonly format?: PayloadFormat | "fields";
}

export interface SendOptions extends PayloadOptions, Consent {
  /** `127.0.0.1:9999`, `[::1]:9999` or `localhost:9999` */
  readonly to: string;
  /** From a new socket where not given. */
  readonly from?: SendingEnd;
}

export interface SilenceOptions extends DatagramOptions, Consent {
  /** Where nothing arrives: a bound port or any other end, `127.0.0.1:9999`; where not given, where the datagram went. */
  readonly to?: string;
  /** Who sends, or should. */
  readonly from?: string;
  /** The process that has `to` bound, where several have. */
  readonly pid?: number;
  /** One empty datagram may be sent there. */
  readonly probe?: boolean;
}

export interface ExplainedSilence {
  readonly to: string;
  readonly from?: string;
  readonly checks: readonly SilenceCheck[];
  /** The one thing to do, in the editor's language. */
  readonly next: string;
}

export interface SilenceCheck {
  readonly check: Check;
  /** `cause`: for certain; `possible`: it may be; `unknown`: it cannot be read here; `ruledOut`: it is not this. */
  readonly found: Found;
  /** What it found, in the editor's language. */
  readonly text: string;
}

export interface LossOptions extends DatagramOptions {
  /** Where they were to arrive, `127.0.0.1:7777`; where not given, where the datagram went, or where most were lost. */
  readonly to?: string;
}

export interface ExplainedLosses {
  readonly to: string;
  readonly sent: number;
  readonly arrived: number;
  readonly lost: number;
  /** Nobody can tell whether these arrived. */
  readonly unclear: number;
  /** `buffer`: the receive buffer was full; `notBuffer`: it was not; `unknown`: the capture does not tell. */
  readonly reason: LossReason;
  /** What the system itself has counted at the socket; undefined where it does not tell. */
  readonly lostInReceiveBuffer: number | undefined;
  /** What to ask for so that the longest burst had been held; left out where that is not known. */
  readonly recvBufferSize?: number;
  /** In the order of time; of more than 10,000 the longest. */
  readonly bursts: readonly LossBurst[];
  readonly conversations: readonly {
    readonly from: string;
    readonly sent: number;
    readonly arrived: number;
    readonly lost: number;
    readonly bursts: number;
    /** Lost in the longest burst. */
    readonly longest: number;
    readonly reason: LossReason;
    /** Each so manieth is lost, alone. */
    readonly every?: number;
  }[];
  /** The whole story as a person reads it. */
  readonly text: string;
}

export interface LossBurst {
  /** {@link Datagram.id} of the first. */
  readonly id: number;
  /** Microseconds since 1970 when it was sent. */
  readonly time: number;
  /** From the first to the last that was lost. */
  readonly microseconds: number;
  readonly lost: number;
  /** How many waited in the receive buffer when it began. */
  readonly waiting: number;
  /** In which the program took nothing; undefined where it is not known. */
  readonly pauseMicroseconds: number | undefined;
  /** How many would have had to wait in all. */
  readonly needed: number | undefined;
}

export interface SentDatagram {
  /** Payload bytes. */
  readonly bytes: number;
  /** The local end that it went out from, `127.0.0.1:9999`. */
  readonly from: string;
}

/** A datagram that a command is about. */
export interface DatagramOptions {
  /** {@link Datagram.id}; the one that was selected last where not given. */
  readonly id?: number;
}

export interface ReplyOptions extends DatagramOptions, Partial<PayloadOptions>, Consent {}

export interface ResendOptions extends DatagramOptions, Consent {}

/** `all` datagrams of a capture, or what is `filtered` or `selected` in the grid that was used last. */
export type Scope = "all" | "filtered" | "selected";

export interface ReplayOptions extends Consent {
  /** `127.0.0.1:9999` */
  readonly to: string;
  /** Ids of this window's capture, or which are meant; `all` where not given. */
  readonly datagrams?: readonly number[] | Scope;
  /** A capture file, of which all is meant; this window's capture where not given. */
  readonly uri?: Uri | string;
  /** 1, the default: as it was; 10: ten times faster; from 0.001 to 1000; or as fast as possible. */
  readonly speed?: number | "fast";
}

export interface ManyDatagrams {
  /** How many there were; where records are exported, these: a datagram has two where both of its ends recorded it. */
  readonly datagrams: number;
}

export type ExportFormat = "pcapng" | "jsonl" | "csv" | "parquet";

export interface ExportOptions {
  /** Where to: a Uri, its text, or an absolute path. */
  readonly uri: Uri | string;
  /** Where not given, the file's name tells: `.jsonl`, `.csv`, and pcapng for all others. */
  readonly format?: ExportFormat;
  /** `all` where not given. */
  readonly scope?: Scope;
  /** Where not given, `record` for pcapng and `datagram` for all others. */
  readonly each?: ExportedUnit;
}

/** What is written once: a datagram, or what each of its ends recorded of it. */
export type ExportedUnit = "datagram" | "record";

/** What is in a capture file. */
export interface OpenedCapture extends ManyDatagrams {
  readonly otherPackets: OtherPacketCounts;
  /** One sentence for each thing that kept us from reading all of the file, in the editor's language. */
  readonly problems: readonly string[];
}

export interface FollowOptions extends DatagramOptions {
  /** Of the text; `utf-8` where not given. */
  readonly layout?: FollowLayout;
}

/** What was said between two ends. Times in microseconds; undefined where no answer is told for certain. */
export interface FollowedConversation {
  readonly requests: number;
  readonly answers: number;
  readonly lost: number;
  readonly medianMicroseconds: number | undefined;
  readonly p99Microseconds: number | undefined;
  /** In Wireshark's layout of *Follow UDP Stream*. */
  readonly text: string;
}

export interface DecodeOptions extends DatagramOptions {
  /** Its id: `dns`, or of one that was registered; `automatic`: port and content are to tell again, as before anyone chose. */
  readonly decoder?: string;
}

/** All text is printable, in the editor's language but for the paths. */
export interface DescribedDatagram {
  /** What became of it and what is out of the ordinary about it. */
  readonly sentences: readonly string[];
  /** `dns`, or the type of a definition, `tracker`; left out where nothing speaks for any. */
  readonly decoder?: string;
  /** All of them, or as many as could be read; at most about 5,000. */
  readonly fields: readonly DescribedField[];
  /** Why it is no message of that kind, or could not be read to its end. */
  readonly problem?: string;
}

export interface PortDecoder {
  readonly port: number;
  /** Undefined where a definition of the workspace does, or port and content tell. */
  readonly decoder: string | undefined;
  /** What a person has chosen of the workspace: it is in `udpWorkbench.definitions` now. */
  readonly definition?: { readonly file: string; readonly type?: string };
}

/** A request file. */
export interface RecordingOptions {
  /** Ids of this window's capture, or which are meant; `selected` where not given. */
  readonly datagrams?: readonly number[] | Scope;
}

export interface SavedRequests {
  /** How many of the conversation it has. */
  readonly requests: number;
  readonly text: string;
}

export interface CompareOptions {
  /** Of this window's capture; left out: the two that are selected. */
  readonly ids?: readonly [number, number];
  /** Fields, bytes in hexadecimal, or both; `all` where it is left out. */
  readonly as?: "all" | "fields" | "hex";
}

export interface ComparedDatagrams {
  /** A line for each field, and the bytes below. */
  readonly left: string;
  readonly right: string;
}

export interface StatisticsOptions {
  /** What datagrams are counted by; `conversation` where it is left out and there is no `field`. */
  readonly by?: GroupingKind;
  /** The field by whose values they are counted, as filters call it. */
  readonly field?: string;
  /** A field that counts on: gaps and repeats in it are counted. */
  readonly sequence?: string;
  /** Only what passes it is counted. */
  readonly filter?: string;
}

/** CRCs that the bytes before them have. */
export interface FoundCrcs extends ManyDatagrams {
  /** Those of many bits first: one of 8 may be chance. */
  readonly crcs: readonly {
    /** In the catalogue: `CRC-16/MODBUS`. */
    readonly name: string;
    readonly endian: "le" | "be";
    /** The first byte that it is of. */
    readonly from: number;
    /** As a payload that is sent has it: `{{crc16/modbus}}`. */
    readonly written: string;
  }[];
}

export interface StructDefinitionOptions {
  /** Declarations in C. */
  readonly source: string;
  /** Which of its structs a payload is; the last one where not given. */
  readonly struct?: string;
  /** Whose compilers laid it out; `x86-64-linux` where not given. */
  readonly platform?: TargetId;
  /** The order of bytes on the wire; `le` where not given. */
  readonly endian?: "le" | "be";
  /** No struct has padding, whatever the text says. */
  readonly packed?: boolean;
  /** The file that it is written to; none where not given. */
  readonly uri?: Uri | string;
}

export interface StructDefinition {
  /** `meta/id` of the definition. */
  readonly id: string;
  /** The struct that it is of. */
  readonly struct: string;
  /** Of the struct, in bytes. */
  readonly size: number;
  /** A definition as a `.ksy` has it. */
  readonly text: string;
  /** What may be other than it was meant, in sentences. */
  readonly remarks: readonly string[];
}
