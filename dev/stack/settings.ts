import { StackError } from './errors.ts';
import type { Env } from '../../client/local.ts';
import type { WantedPort } from './ports.ts';

export interface Settings {
  readonly apiPort: number;
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  readonly postgresPort: number;
  readonly voicePort: number;
  /** The bundled MCP server. */
  readonly mcpPort: number;
  /** The simulated channels; not used where `hasOwnChannels`. */
  readonly whatsAppPort: number;
  readonly mercadoPagoPort: number;
  readonly hasOwnChannels: boolean;
  readonly namespace: string;
  /** Used instead of a server of our own. */
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  readonly voice: { readonly apiKey: string; readonly baseUrl: string } | undefined;
}

export function readSettings(env: Env): Settings {
  return {
    apiPort: readPort(env, 'API_PORT', 8080),
    temporalPort: readPort(env, 'TEMPORAL_PORT', 7233),
    temporalUiPort: readPort(env, 'TEMPORAL_UI_PORT', 8233),
    postgresPort: readPort(env, 'PG_PORT', 5433),
    voicePort: readPort(env, 'VOICE_PORT', 8787),
    mcpPort: readPort(env, 'MCP_PORT', 8090),
    whatsAppPort: readPort(env, 'WHATSAPP_PORT', 8091),
    mercadoPagoPort: readPort(env, 'MERCADOPAGO_PORT', 8092),
    hasOwnChannels: readHasOwnChannels(env),
    namespace: given(env, 'TEMPORAL_NAMESPACE') ?? 'default',
    databaseUrl: given(env, 'DATABASE_URL'),
    temporalAddress: given(env, 'TEMPORAL_ADDRESS'),
    voice: readVoice(env),
  };
}

/** The ports this start will listen on, with the setting that moves each. */
export function wantedPorts(settings: Settings): WantedPort[] {
  const ports: WantedPort[] = [];
  if (settings.databaseUrl === undefined) {
    ports.push({ what: 'PostgreSQL', setting: 'PG_PORT', port: settings.postgresPort });
  }
  if (settings.temporalAddress === undefined) {
    ports.push({ what: 'Temporal', setting: 'TEMPORAL_PORT', port: settings.temporalPort });
    ports.push({ what: 'UI de Temporal', setting: 'TEMPORAL_UI_PORT', port: settings.temporalUiPort });
  }
  if (settings.voice === undefined) {
    ports.push({ what: 'proveedor de voz simulado', setting: 'VOICE_PORT', port: settings.voicePort });
  }
  if (!settings.hasOwnChannels) {
    ports.push({ what: 'WhatsApp simulado', setting: 'WHATSAPP_PORT', port: settings.whatsAppPort });
    ports.push({
      what: 'Mercado Pago simulado',
      setting: 'MERCADOPAGO_PORT',
      port: settings.mercadoPagoPort,
    });
  }
  ports.push({ what: 'servidor MCP', setting: 'MCP_PORT', port: settings.mcpPort });
  ports.push({ what: 'API', setting: 'API_PORT', port: settings.apiPort });
  return ports;
}

function given(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function readPort(env: Env, name: string, fallback: number): number {
  const text = given(env, name);
  if (text === undefined) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StackError(`${name} debe ser un puerto entre 1 y 65535, no "${text}".`);
  }
  return port;
}

/** Both or none: with one of them a demo would write to real people about simulated payments. */
function readHasOwnChannels(env: Env): boolean {
  const [whatsApp, mercadoPago] = [given(env, 'WHATSAPP_BASE_URL'), given(env, 'MERCADOPAGO_BASE_URL')];
  if ((whatsApp === undefined) !== (mercadoPago === undefined)) {
    throw new StackError(
      'Defina WHATSAPP_BASE_URL y MERCADOPAGO_BASE_URL (canales reales) o ninguna de las dos (canales simulados).',
    );
  }
  return whatsApp !== undefined;
}

/** Half of it is a mistake: with a key alone a developer's machine would call real people. */
function readVoice(env: Env): Settings['voice'] {
  const apiKey = given(env, 'RETELL_API_KEY');
  const baseUrl = given(env, 'RETELL_BASE_URL');
  if (apiKey === undefined && baseUrl === undefined) return undefined;
  if (apiKey === undefined || baseUrl === undefined) {
    const [has, lacks] =
      apiKey === undefined ? ['RETELL_BASE_URL', 'RETELL_API_KEY'] : ['RETELL_API_KEY', 'RETELL_BASE_URL'];
    throw new StackError(
      `${has} está definida y ${lacks} no: defina las dos (proveedor real) o ninguna (proveedor simulado).`,
    );
  }
  return { apiKey, baseUrl };
}
