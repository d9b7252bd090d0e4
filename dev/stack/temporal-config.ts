import { stringify } from 'yaml';

/** `dev` keeps its state in a file; `test` holds everything in memory and skips time as fast as the server can. */
export type TemporalProfile = 'dev' | 'test';

export interface ServerPorts {
  readonly frontend: number;
  readonly frontendHttp: number;
  readonly history: number;
  readonly matching: number;
  readonly worker: number;
  /** Membership ports, in the order frontend, history, matching, worker. */
  readonly membership: readonly [number, number, number, number];
}

const HOST = '127.0.0.1';
/**
 * As in the `temporal` CLI, so that either can open the other's database; it can never be changed on an existing one.
 * Four were not faster here.
 */
const HISTORY_SHARDS = 1;

type Setting = boolean | number | string;

const EVERYWHERE: Readonly<Record<string, Setting>> = {
  'frontend.WorkflowTimeSkippingEnabled': true,
  'frontend.WorkflowTimeSkippingMaxSkipPerSession': 5000,
  // The server's own pause can brick a workflow for good (design.md §4): pause is our own Update.
  'frontend.WorkflowPauseEnabled': false,
  // A search attribute registered at boot is usable at once instead of after a minute.
  'system.forceSearchAttributesCacheRefreshOnRead': true,
};

/** A skip costs 9 ms with these, 1 s without. */
const FAST_VIRTUAL_TIME: Readonly<Record<string, Setting>> = {
  'history.timerProcessorMaxTimeShift': '1ms',
  'history.timerProcessorMaxPollRPS': 1000,
  'history.transferProcessorMaxPollRPS': 1000,
  // Continue-as-new miscounts the virtual clock, and waits 1 s a run, unless this is zero.
  'history.workflowIdReuseMinimalInterval': '0s',
};

/** The dev server has the fast settings too: it is where batches are rehearsed in virtual time. */
export function dynamicSettings(): Readonly<Record<string, Setting>> {
  return { ...EVERYWHERE, ...FAST_VIRTUAL_TIME };
}

export function dynamicConfigYaml(): string {
  return stringify(
    Object.fromEntries(Object.entries(dynamicSettings()).map(([key, value]) => [key, [{ value }]])),
  );
}

export interface ServerConfig {
  readonly profile: TemporalProfile;
  readonly ports: ServerPorts;
  readonly databaseFile: string;
  readonly dynamicConfigFile: string;
}

export function serverConfigYaml({ profile, ports, databaseFile, dynamicConfigFile }: ServerConfig): string {
  const database = sqlStore(profile, databaseFile);
  const [frontend, history, matching, worker] = ports.membership;
  const rpc = (grpcPort: number, membershipPort: number): object => ({
    grpcPort,
    membershipPort,
    bindOnLocalHost: true,
  });
  return stringify({
    log: { stdout: true, level: 'warn', format: 'json' },
    persistence: {
      defaultStore: 'sqlite-default',
      visibilityStore: 'sqlite-visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { 'sqlite-default': database, 'sqlite-visibility': database },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: HOST } },
    services: {
      frontend: { rpc: { ...rpc(ports.frontend, frontend), httpPort: ports.frontendHttp } },
      history: { rpc: rpc(ports.history, history) },
      matching: { rpc: rpc(ports.matching, matching) },
      worker: { rpc: rpc(ports.worker, worker) },
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `${HOST}:${ports.frontend}`,
          httpAddress: `${HOST}:${ports.frontendHttp}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '60s' },
  });
}

function sqlStore(profile: TemporalProfile, databaseFile: string): object {
  const attributes =
    profile === 'test'
      ? { mode: 'memory', cache: 'private' }
      : { cache: 'private', setup: 'true', journal_mode: 'wal', synchronous: '2' };
  return {
    sql: {
      pluginName: 'sqlite',
      databaseName: profile === 'test' ? 'default' : databaseFile,
      connectAddr: 'localhost',
      connectProtocol: 'tcp',
      connectAttributes: attributes,
      maxConns: 1,
      maxIdleConns: 1,
      maxConnLifetime: '1h',
    },
  };
}

export function uiConfigYaml(uiPort: number, grpcAddress: string, namespace: string): string {
  return stringify({
    host: HOST,
    port: uiPort,
    enableUi: true,
    temporalGrpcAddress: grpcAddress,
    defaultNamespace: namespace,
    // Nothing is fetched from outside, and the server's own pause stays out of reach (see above).
    disableNewsFetch: true,
    workflowPauseDisabled: true,
  });
}
