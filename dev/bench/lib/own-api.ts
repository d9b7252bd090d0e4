import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeService, projectScripts } from '../../stack/app-services.ts';
import { Guardian } from '../../stack/guardian.ts';
import { freePorts } from '../../stack/ports.ts';
import { Service } from '../../stack/service.ts';
import { type LiveWorld, liveKey } from '../../../test/support/live-world.ts';
import { runServers } from '../../../test/support/servers.ts';

/** The product's API as it runs in life: a process of its own, to which the provider sends its webhooks from here on. */
export async function withOwnApi<Result>(
  { world, fake }: LiveWorld,
  use: (apiUrl: string) => Promise<Result>,
): Promise<Result> {
  const { temporalAddress } = await runServers();
  const [port = 0, watchPort = 0] = await freePorts(2);
  const logDir = await mkdtemp(join(tmpdir(), 'tandas-bench-api-'));
  const guardian = new Guardian();
  const api = new Service(
    nodeService({
      name: 'api',
      script: projectScripts.api,
      env: {
        DATABASE_URL: world.url,
        TEMPORAL_ADDRESS: temporalAddress,
        TEMPORAL_NAMESPACE: world.temporal.namespace,
        RETELL_API_KEY: liveKey,
        RETELL_BASE_URL: fake.baseUrl(),
        API_HOST: '127.0.0.1',
        API_PORT: String(port),
        METRICS_PORT: String(watchPort),
      },
      logDir,
      stopWithinMs: 15_000,
    }),
    { onStarted: (_, pid) => guardian.watch(pid, 'SIGTERM') },
  );
  try {
    await api.start({ restart: false });
    const apiUrl = `http://127.0.0.1:${port}`;
    fake.setWebhookUrl(`${apiUrl}/api/v1/webhooks/retell/{account_id}`);
    return await use(apiUrl);
  } finally {
    await api.stop();
    guardian.dismiss();
    await rm(logDir, { recursive: true, force: true });
  }
}
