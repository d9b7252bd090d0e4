import type { Bilingual } from '../domain/shared/rules/bilingual.ts';
import type { Command } from './command.ts';

/** A command of `tandas`. Its module is loaded when it is called: help and completion of others must not wait for a database client. */
export interface TandasCommand {
  readonly name: string;
  readonly does: Bilingual;
  /** What may stand first behind it. */
  readonly actions: readonly string[];
  readonly load: () => Promise<Command>;
}

const command = (
  name: string,
  [es, en]: readonly [es: string, en: string],
  load: () => Promise<Command>,
  actions: readonly string[] = [],
): TandasCommand => ({ name, does: { es, en }, actions, load });

/** Whatever an operator does, in the order in which it is done. Those that have an npm script run the same module. */
export const tandasCommands: readonly TandasCommand[] = [
  command(
    'status',
    ['saldo, tareas y lotes; uno, en vivo', 'balance, tasks, batches; one, live'],
    () => import('./status.ts'),
  ),
  command(
    'import',
    ['un archivo: cómo se lee; con --start, llama', 'a file: how it is read; --start calls'],
    () => import('./upload.ts'),
  ),
  command(
    'batches',
    ['lotes: lista, pausa, sigue, cancela', 'batches: list, pause, resume, cancel'],
    () => import('./batches.ts'),
    ['pause', 'resume', 'cancel'],
  ),
  command(
    'contacts',
    ['personas de un lote; una, con su historia', 'people of a batch; one, with its history'],
    () => import('./contacts.ts'),
    ['show', 'pause', 'resume', 'cancel'],
  ),
  command(
    'explain',
    ['qué espera alguien y si se le puede llamar', 'what somebody waits for, and why'],
    () => import('./explain.ts'),
  ),
  command(
    'reschedule',
    ['otra hora para la próxima llamada', 'another time for the next call'],
    () => import('./reschedule.ts'),
  ),
  command(
    'retry',
    ['abre de nuevo a quien se cerró', 'opens a closed contact again'],
    () => import('./retry.ts'),
  ),
  command(
    'tasks',
    ['lo que una persona debe decidir', 'what somebody must decide'],
    () => import('./tasks.ts'),
    ['list', 'show', 'resolve'],
  ),
  command(
    'results',
    ['qué pasó con cada persona, en un archivo', 'what became of each person, in a file'],
    () => import('./results.ts'),
  ),
  command(
    'report',
    ['actividad de un lote o de unos días', 'activity of a batch or of some days'],
    () => import('./report.ts'),
  ),
  command('payments', ['carga pagos de un archivo', 'payments from a file'], async () => {
    const { sendTable, usages } = await import('./table-file.ts');
    return { usage: usages.payments, run: (args) => sendTable('payments', args) };
  }),
  command('removals', ['a quién no contactar nunca más', 'whom never to contact again'], async () => {
    const { sendTable, usages } = await import('./table-file.ts');
    return { usage: usages.removals, run: (args) => sendTable('removals', args) };
  }),
  command(
    'register',
    ['todo lo que se intentó con alguien', 'everything tried with somebody'],
    () => import('./register.ts'),
  ),
  command(
    'rehearse',
    ['el lote de un archivo en tiempo virtual', 'the batch of a file in virtual time'],
    () => import('./rehearse.ts'),
  ),
  command(
    'forecast',
    ['cuándo terminaría un lote y a qué costo', 'when a batch would end, at what cost'],
    () => import('./forecast.ts'),
  ),
  command('budget', ['cuánto puede costar un lote', 'what a batch may cost'], () => import('./budget.ts')),
  command(
    'top-up',
    ['compra saldo y dice dónde se paga', 'orders credit, and says where it is paid'],
    () => import('./top-up.ts'),
  ),
  command(
    'plans',
    ['planes y paquetes; tomar uno', 'plans and packages; taking one'],
    () => import('./plans.ts'),
    ['list', 'take', 'buy', 'cancel', 'keep'],
  ),
  command(
    'orders',
    ['lo comprado y dónde se paga', 'what was bought, and where to pay'],
    () => import('./orders.ts'),
    ['list', 'cancel'],
  ),
  command('keys', ['claves de la API', 'API keys'], () => import('./api-keys.ts'), [
    'list',
    'make',
    'rotate',
    'revoke',
  ]),
  command('members', ['quienes inician sesión', 'people who sign in'], () => import('./members.ts'), [
    'list',
    'role',
    'remove',
  ]),
  command('invite', ['invita a alguien por correo', 'invites somebody by mail'], async () => {
    const { invite, inviteUsage } = await import('./members.ts');
    return { usage: inviteUsage, run: invite };
  }),
  command(
    'reset',
    ['abre de nuevo a quienes no se alcanzó', 'opens again those whom nobody reached'],
    () => import('./reset.ts'),
  ),
  command(
    'purge',
    ['borra lo que ninguna ley pide guardar', 'removes what no law asks to be kept'],
    () => import('./purge.ts'),
  ),
  command(
    'audit',
    ['segunda opinión sobre la base de datos', 'a second opinion on the database'],
    () => import('./audit.ts'),
  ),
];
