import { mediaTypeOf } from '../../domain/recordings/rules/media.ts';
import { rangeOf } from '../../domain/recordings/rules/range.ts';
import { mask } from '../../observability/logger.ts';
import { parseTraceparent } from '../../observability/tracing.ts';
import { isPrivateAddress, judgeTarget } from '../../outbound/targets.ts';
import { field, header, type Reader, run } from './reader.ts';

/** Of headers, addresses and logs. */
export const outerReaders: Readonly<Record<string, Reader>> = {
  'domain/recordings/rules/media.ts#mediaTypeOf': header(mediaTypeOf),
  'domain/recordings/rules/range.ts#rangeOf': header((text) => [
    rangeOf(text, 1_000),
    rangeOf(`bytes=${text}`, 1_000),
  ]),
  'observability/logger.ts#mask': run(mask),
  'observability/tracing.ts#parseTraceparent': header(parseTraceparent),
  'outbound/targets.ts#isPrivateAddress': field(isPrivateAddress),
  'outbound/targets.ts#judgeTarget': field((text) => [
    judgeTarget(text, { allowPrivate: false }),
    judgeTarget(`https://${text}`, { allowPrivate: false }),
  ]),
};
