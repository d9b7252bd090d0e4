import type { Line } from './types.ts';
/**
 * What is said in a call, in Spanish, with invented people and without any of the caller's variables: a fake must not
 * be a second place where debtors' names are written.
 */
import type { OutcomeName } from './outcomes.ts';
import { linesOf } from './agent.ts';
import type { CallPlan, FakeCall, ToolCall } from './types.ts';

export interface Dialogue {
  readonly lines: readonly Line[];
  readonly summary: string;
}

const GREETING = agent('Buenos días, le habla Antonia, asistente virtual. ¿Hablo con la persona titular?');
const YES = user('Sí, con ella habla.');
const REASON = agent(
  'Le llamo por un saldo pendiente de su cuenta. ¿Podría indicarme cuándo podría pagarlo?',
);

/** Nothing to hear: nobody picked up. */
const NOTHING: Dialogue = { lines: [], summary: '' };

/** With functions the agent says what they answer, and nothing of its own about the debt. */
export function dialogueOf({ plan, toolCalls }: Pick<FakeCall, 'plan' | 'toolCalls'>): Dialogue {
  const dialogue = DIALOGUES[plan.outcome]?.(plan) ?? NOTHING;
  return toolCalls.length === 0 ? dialogue : { ...dialogue, lines: [GREETING, ...linesOf(toolCalls)] };
}

const DIALOGUES: Readonly<Partial<Record<OutcomeName, (plan: CallPlan) => Dialogue>>> = {
  promise: promiseDialogue,
  bad_promise: promiseDialogue,
  no_promise: () => ({
    lines: [
      GREETING,
      YES,
      REASON,
      user('Ahora no puedo decirle una fecha.'),
      agent('Gracias por su tiempo.'),
    ],
    summary: 'La persona titular contestó y no dio una fecha de pago.',
  }),
  reschedule: () => ({
    lines: [
      GREETING,
      YES,
      REASON,
      user('Estoy ocupada, llámeme más tarde, por favor.'),
      agent('Así lo haremos.'),
    ],
    summary: 'La persona titular pidió que la llamen más tarde.',
  }),
  already_paid: () => ({
    lines: [
      GREETING,
      YES,
      REASON,
      user('Eso ya lo pagué la semana pasada.'),
      agent('Lo revisaremos, gracias.'),
    ],
    summary: 'La persona titular dice que ya pagó.',
  }),
  refuses: () => ({
    lines: [
      GREETING,
      YES,
      REASON,
      user('No voy a pagar y no me llamen más.'),
      agent('Entendido. Hasta luego.'),
    ],
    summary: 'La persona titular rechazó pagar.',
  }),
  wrong_person: () => ({
    lines: [
      GREETING,
      user('No, está equivocado, aquí no vive.'),
      agent('Disculpe la molestia. Hasta luego.'),
    ],
    summary: 'Contestó otra persona; no se habló de la deuda.',
  }),
  transferred: () => ({
    lines: [
      GREETING,
      YES,
      REASON,
      user('Quiero hablar con una persona.'),
      agent('Le comunico con un ejecutivo.'),
    ],
    summary: 'La persona titular pidió hablar con un ejecutivo y fue transferida.',
  }),
  silence: () => ({
    lines: [GREETING, agent('¿Hola? ¿Me escucha?')],
    summary: 'Contestaron y nadie habló.',
  }),
  max_duration: () => ({
    lines: [GREETING, YES, REASON, user('Espere, que le explico todo desde el principio…')],
    summary: 'La conversación llegó a la duración máxima sin acuerdo.',
  }),
  voicemail: voicemailDialogue,
  late_voicemail: voicemailDialogue,
  ivr: () => ({
    lines: [user('Para ventas, marque uno. Para soporte, marque dos.')],
    summary: 'Contestó un menú automático.',
  }),
  llm_lost: () => ({ lines: [GREETING, YES], summary: 'La llamada se cortó por un problema técnico.' }),
};

function promiseDialogue(plan: CallPlan): Dialogue {
  const day = plan.promiseDate ?? '';
  const amount = String(plan.promiseAmount ?? 0);
  return {
    lines: [
      GREETING,
      YES,
      REASON,
      user(`Puedo pagar ${amount} pesos el ${day}.`),
      agent(`Perfecto, queda anotado su compromiso para el ${day}. Muchas gracias.`),
    ],
    summary: `La persona titular se comprometió a pagar ${amount} el ${day}.`,
  };
}

function voicemailDialogue(): Dialogue {
  return {
    lines: [user('El número que usted marcó no está disponible. Deje su mensaje después del tono.')],
    summary: 'Contestó un buzón de voz.',
  };
}

/** Utterances with words and their times, in seconds from the start, spread over the call. */
export function utterances(lines: readonly Line[], durationMs: number): readonly Utterance[] {
  const words = lines.flatMap((line) => line.content.split(' '));
  const secondsPerWord = words.length === 0 ? 0 : durationMs / 1000 / words.length;
  let spoken = 0;
  return lines.map((line) => ({
    role: line.role,
    content: line.content,
    words: line.content.split(' ').map((word) => {
      const start = spoken * secondsPerWord;
      spoken += 1;
      return { word, start: round(start), end: round(start + secondsPerWord) };
    }),
  }));
}

export interface Utterance extends Line {
  readonly words: readonly { readonly word: string; readonly start: number; readonly end: number }[];
}

export function toolUtterances(tools: readonly ToolCall[]): readonly Readonly<Record<string, unknown>>[] {
  return tools.flatMap((tool) => [
    {
      role: 'tool_call_invocation',
      tool_call_id: tool.toolCallId,
      name: tool.name,
      arguments: JSON.stringify(tool.args),
    },
    ...(tool.result === undefined
      ? []
      : [
          {
            role: 'tool_call_result',
            tool_call_id: tool.toolCallId,
            content: tool.result,
            successful: tool.successful === true,
          },
        ]),
  ]);
}

function agent(content: string): Line {
  return { role: 'agent', content };
}

function user(content: string): Line {
  return { role: 'user', content };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
