import Retell from 'retell-sdk';
import { asObject, asText, normaliseRetellCall } from './call.ts';
import type { RetellOptions } from './retell.ts';
import type { ProviderCall } from '../../domain/calls/voice-port.ts';

/** Retell takes up to 1,000; a page of calls without transcripts is some hundred KB. */
const pageSize = 500;
const readTimeoutMs = 30_000;

/**
 * Every call of the workspace, the newest first, page by page: whoever has seen enough stops asking. Calls that were
 * never connected carry no instant at all, so the provider's own filter by start would leave them out. Rejects when the
 * provider does not answer: no answer is not "none".
 */
export async function* listRetellCalls(
  options: Pick<RetellOptions, 'apiKey' | 'baseUrl'>,
): AsyncGenerator<readonly ProviderCall[], void, void> {
  const client = new Retell({
    apiKey: options.apiKey,
    ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
    maxRetries: 2,
    timeout: readTimeoutMs,
    logLevel: 'off',
  });
  let cursor: string | undefined;
  do {
    const answer: unknown = await client.call.list({
      limit: pageSize,
      sort_order: 'descending',
      ...(cursor === undefined ? {} : { pagination_key: cursor }),
    });
    const page = asObject(answer);
    const items = page?.['items'];
    if (!Array.isArray(items)) throw new TypeError('list-calls: answer without items');
    yield items.map(normaliseRetellCall);
    cursor = page?.['has_more'] === true ? asText(page['pagination_key']) : undefined;
  } while (cursor !== undefined);
}
