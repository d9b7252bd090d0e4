import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { fieldsOf } from '../../client/fields.ts';

const perType = 3;

/** What the Temporal UI shows of some workflows of each type: summary, current details, and the summary of each event. */
export async function temporalTexts(address: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const texts: string[] = [];
    for (const type of ['import', 'batch', 'contact', 'rehearsal']) {
      let shown = 0;
      for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowType = '${type}'` })) {
        if (shown >= perType) break;
        shown += 1;
        texts.push(await textOf(client, workflowId, runId));
      }
    }
    return texts.join('\n\n');
  } finally {
    await connection.close();
  }
}

async function textOf(client: Client, workflowId: string, runId: string): Promise<string> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const described = await handle.describe();
  const { events } = await handle.fetchHistory();
  const summaries = (events ?? []).flatMap(({ userMetadata }) => {
    const payload = userMetadata?.summary;
    return payload === null || payload === undefined
      ? []
      : [String(defaultPayloadConverter.fromPayload(payload))];
  });
  const details = await currentDetails(handle);
  return [
    `${workflowId}  ${described.status.name}`,
    `  resumen: ${(await described.staticSummary()) ?? ''}`,
    `  ahora: ${details}`,
    ...summaries.map((words) => `  · ${words}`),
  ].join('\n');
}

/** As the UI asks for them; '' for a workflow whose worker does not answer. */
async function currentDetails(handle: WorkflowHandle): Promise<string> {
  const metadata: unknown = await handle.query('__temporal_workflow_metadata').catch(() => undefined);
  const { currentDetails: details } = fieldsOf(metadata);
  return typeof details === 'string' ? details : '';
}
