/**
 * The recording of a call as a WAV made from its own dialogue: a tone while somebody speaks, silence between, each word at the
 * time that the transcript says. Nobody's voice, and the same call always gives the same bytes.
 */
import { dialogueOf, utterances } from './dialogue.ts';
import type { FakeCall } from './types.ts';

export const sampleRate = 8_000;
const headerBytes = 44;
const bytesPerSample = 2;
const loudness = 6_000;
const hertz = { agent: 220, user: 330 } as const;
/** Of each word the last part is silence, so that words can be told apart. */
const spokenShare = 0.8;

interface Span {
  readonly role: 'agent' | 'user';
  readonly from: number;
  readonly to: number;
}

/** How long the recording is: as long as the call. Undefined where there is none. */
function secondsOf(call: FakeCall): number | undefined {
  if (call.answeredAtMs === undefined || call.endedAtMs === undefined) return undefined;
  return (call.endedAtMs - call.answeredAtMs) / 1000;
}

/** Bytes of the whole file; undefined where the call has no recording. */
export function recordingBytes(call: FakeCall, channels: 1 | 2): number | undefined {
  const seconds = secondsOf(call);
  if (seconds === undefined) return undefined;
  return headerBytes + Math.round(seconds * sampleRate) * bytesPerSample * channels;
}

/** A second at a time: two hours are a hundred megabytes. With two channels the agent is left, whoever answers is right. */
export async function* recordingOf(call: FakeCall, channels: 1 | 2): AsyncGenerator<Uint8Array> {
  const seconds = secondsOf(call) ?? 0;
  const samples = Math.round(seconds * sampleRate);
  yield header(samples, channels);
  const spans = utterances(dialogueOf(call).lines, seconds * 1000).flatMap(
    ({ role, words }): readonly Span[] =>
      words.map(({ start, end }) => ({ role, from: start, to: start + (end - start) * spokenShare })),
  );
  for (let first = 0; first < samples; first += sampleRate) {
    const count = Math.min(sampleRate, samples - first);
    const bytes = Buffer.alloc(count * bytesPerSample * channels);
    const near = spans.filter(
      ({ from, to }) => to * sampleRate >= first && from * sampleRate < first + count,
    );
    for (let at = 0; at < count; at += 1) {
      const second = (first + at) / sampleRate;
      const span = near.find(({ from, to }) => second >= from && second < to);
      if (span === undefined) continue;
      const value = Math.round(loudness * Math.sin(2 * Math.PI * hertz[span.role] * second));
      const channel = channels === 2 && span.role === 'user' ? 1 : 0;
      bytes.writeInt16LE(value, (at * channels + channel) * bytesPerSample);
    }
    yield bytes;
  }
}

function header(samples: number, channels: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  const dataBytes = samples * bytesPerSample * channels;
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * bytesPerSample * channels, 28);
  bytes.writeUInt16LE(bytesPerSample * channels, 32);
  bytes.writeUInt16LE(bytesPerSample * 8, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}
