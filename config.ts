/** Settings come from the environment only; each error names the variable and says what it should hold. */
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import type { StorageSettings } from './storage/open.ts';

export interface TemporalTarget {
  /** For `Connection` and `NativeConnection` alike. */
  readonly connection: ClientConnectConfig['connectionOptions'] & { readonly address: string };
  readonly namespace: string;
}

/** Credentials of our own; an account's are in its channels. Undefined: it takes no orders. */
export interface ChargingConfig {
  readonly mercadoPago:
    | { readonly accessToken: string; readonly webhookSecret: string; readonly baseUrl: string | undefined }
    | undefined;
  readonly stripe:
    | { readonly secretKey: string; readonly webhookSecret: string; readonly baseUrl: string | undefined }
    | undefined;
}

export interface Config {
  readonly databaseUrl: string;
  readonly temporal: TemporalTarget;
  readonly retellApiKey: string;
  /** Undefined: Retell's own address. */
  readonly retellBaseUrl: string | undefined;
  /** Where the provider reaches our API; undefined: the agent's own webhook setting decides. */
  readonly publicUrl: string | undefined;
  readonly apiHost: string;
  readonly apiPort: number;
  /** Requests a second that one API key may send, and one address; 0: as many as they like. */
  readonly keyRate: number;
  readonly addressRate: number;
  /** Proxies of ours in front of the API, which add the client's address to X-Forwarded-For. 0: the peer is the client. */
  readonly trustedProxies: number;
  /** Seals the secrets of accounts: 32 bytes in base64. Undefined: none can be stored or used. */
  readonly secretsKey: string | undefined;
  /** Development only: accounts may name addresses of this machine and network. */
  readonly allowPrivateTargets: boolean;
  /** WhatsApp's Cloud API, with its version. */
  readonly whatsAppUrl: string;
  /** Undefined: Mercado Pago's own address. */
  readonly mercadoPagoUrl: string | undefined;
  /** Whoever takes what accounts pay us. */
  readonly charging: ChargingConfig;
  /** Where the bundled MCP server listens, for systems outside. */
  readonly mcpHost: string;
  readonly mcpPort: number;
  /** A mail server. Undefined: mails are files of `mailDir`, or wait where that is not set either. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** Folder for mails of a machine that reaches nobody. */
  readonly mailDir: string | undefined;
  /** Uploads until they have been read, and recordings: shared by API and workers. */
  readonly storage: StorageSettings;
  /** Hosts that recordings may be fetched from: `*.` before a domain for all below it. */
  readonly recordingHosts: readonly string[];
  /** How many days a recording is kept. */
  readonly recordingDays: number;
  /** Names the code that this worker runs; undefined: any worker may take any contact's next event. */
  readonly buildId: string | undefined;
  readonly logLevel: string;
  /** Where /metrics, /health/live and /health/ready of this process are served. Undefined: nowhere. */
  readonly metricsPort: number | undefined;
  /** Default: this machine only. They need no key: open them to whoever scrapes, and to nobody else. */
  readonly metricsHost: string;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  return {
    databaseUrl: required(
      env,
      'DATABASE_URL',
      'a PostgreSQL address: postgres://user:password@host:5432/name',
    ),
    temporal: readTemporal(env),
    retellApiKey: required(env, 'RETELL_API_KEY', "the API key marked 'webhook key' of the Retell workspace"),
    retellBaseUrl: given(env, 'RETELL_BASE_URL'),
    publicUrl: given(env, 'PUBLIC_URL')?.replace(/\/+$/, ''),
    apiHost: env['API_HOST'] ?? '0.0.0.0',
    apiPort: port(env, 'API_PORT', 8080),
    keyRate: count(env, 'API_KEY_RATE', 100),
    addressRate: count(env, 'API_ADDRESS_RATE', 200),
    trustedProxies: count(env, 'API_TRUSTED_PROXIES', 0),
    secretsKey: given(env, 'SECRETS_KEY'),
    allowPrivateTargets: env['ALLOW_PRIVATE_TARGETS'] === 'true',
    whatsAppUrl: (given(env, 'WHATSAPP_BASE_URL') ?? 'https://graph.facebook.com/v23.0').replace(/\/+$/, ''),
    mercadoPagoUrl: given(env, 'MERCADOPAGO_BASE_URL')?.replace(/\/+$/, ''),
    charging: readCharging(env),
    mcpHost: env['MCP_HOST'] ?? '127.0.0.1',
    mcpPort: port(env, 'MCP_PORT', 8090),
    smtpUrl: given(env, 'SMTP_URL'),
    mailFrom: given(env, 'MAIL_FROM') ?? 'Tandas <no-responder@tandas.invalid>',
    mailDir: given(env, 'MAIL_DIR'),
    storage: readStorage(env),
    recordingHosts: (given(env, 'RECORDING_HOSTS') ?? retellRecordings)
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    recordingDays: days(env, 'RECORDING_DAYS', 90),
    buildId: given(env, 'TANDAS_BUILD_ID'),
    logLevel: given(env, 'LOG_LEVEL') ?? 'info',
    metricsPort: given(env, 'METRICS_PORT') === undefined ? undefined : port(env, 'METRICS_PORT', 0),
    metricsHost: given(env, 'METRICS_HOST') ?? '127.0.0.1',
  };
}

function readCharging(env: NodeJS.ProcessEnv): ChargingConfig {
  const of = (key: string, secret: string, url: string, what: string) => {
    const value = given(env, key);
    if (value === undefined) return undefined;
    return {
      value,
      webhookSecret: required(env, secret, what),
      baseUrl: given(env, url)?.replace(/\/+$/, ''),
    };
  };
  const mercadoPago = of(
    'CHARGING_MERCADOPAGO_TOKEN',
    'CHARGING_MERCADOPAGO_SECRET',
    'CHARGING_MERCADOPAGO_URL',
    'the secret with which Mercado Pago signs notifications of our own application',
  );
  const stripe = of(
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'STRIPE_BASE_URL',
    'the signing secret of the webhook endpoint at Stripe',
  );
  return {
    mercadoPago: mercadoPago && {
      accessToken: mercadoPago.value,
      webhookSecret: mercadoPago.webhookSecret,
      baseUrl: mercadoPago.baseUrl,
    },
    stripe: stripe && {
      secretKey: stripe.value,
      webhookSecret: stripe.webhookSecret,
      baseUrl: stripe.baseUrl,
    },
  };
}

/**
 * The Temporal server, by the variables that its own tools read: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY (with which TLS
 * is on), TEMPORAL_TLS and TEMPORAL_TLS_*. Its configuration file is not read: a profile that an engineer left on a machine must not
 * decide which server is worked.
 */
export function readTemporal(env: NodeJS.ProcessEnv, localPort = '7233'): TemporalTarget {
  const named = Object.keys(env).flatMap((name) => {
    const value = name.startsWith('TEMPORAL_') ? given(env, name) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  const { connectionOptions, namespace } = loadClientConnectConfig({
    disableFile: true,
    overrideEnvVars: Object.fromEntries(named),
  });
  return {
    connection: { ...connectionOptions, address: connectionOptions.address ?? `127.0.0.1:${localPort}` },
    namespace: namespace ?? 'default',
  };
}

/** Where the examples of Retell's own API document have recordings, and its own domain. Any customer of a network of theirs has a name there. */
const retellRecordings = 'retellai.s3.us-west-2.amazonaws.com,*.retellai.com';

/** None would be kept for no day. */
function days(env: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const value = count(env, name, byDefault);
  if (value >= 1 && value <= 3_650) return value;
  throw new Error(`${name} is "${value}": it should hold days, from 1 to 3650`);
}

/** A bucket where one is named; else a folder. Half of a bucket's settings is a mistake, and no folder instead. */
function readStorage(env: NodeJS.ProcessEnv): StorageSettings {
  const bucket = given(env, 'STORAGE_S3_BUCKET');
  const named = Object.keys(env).find(
    (name) => name.startsWith('STORAGE_S3_') && given(env, name) !== undefined,
  );
  if (bucket === undefined) {
    if (named !== undefined) throw new Error(`${named} is set without STORAGE_S3_BUCKET: name the bucket`);
    return { kind: 'files', folder: given(env, 'STORAGE_DIR') ?? '.tandas/storage' };
  }
  return {
    kind: 's3',
    bucket,
    endpoint: given(env, 'STORAGE_S3_ENDPOINT')?.replace(/\/+$/, ''),
    region: given(env, 'STORAGE_S3_REGION') ?? 'us-east-1',
    keyId: required(env, 'STORAGE_S3_KEY_ID', 'the access key of the store of objects'),
    secret: required(env, 'STORAGE_S3_SECRET', 'the secret of STORAGE_S3_KEY_ID'),
  };
}

/** Set and not empty: a compose file passes an unset variable on as ''. */
function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

function required(env: NodeJS.ProcessEnv, name: string, meaning: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: it should hold ${meaning}`);
  return value;
}

function count(env: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const text = given(env, name);
  const value = text === undefined ? byDefault : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${name} is "${text}": it should hold a whole number, 0 or more`);
}

function port(env: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const text = env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new Error(`${name} is "${text}": it should hold a port number from 1 to 65535`);
  }
  return value;
}

/**
 * For a process that takes everything from its environment: `--help` ends it with its usage, and any other argument with code 2,
 * before it opens anything.
 */
export function takeNoArguments(usage: string, args: readonly string[] = process.argv.slice(2)): void {
  const [first] = args;
  if (first === undefined) return;
  if (first === '--help' || first === '-h') {
    console.log(usage);
    process.exit(0);
  }
  console.error(`${first} is not expected.\n\n${usage}`);
  process.exit(2);
}
