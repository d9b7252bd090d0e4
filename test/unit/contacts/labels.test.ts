import { describe, expect, it } from 'vitest';
import { describe as inWords, listState } from '../../../workflows/contact/labels.ts';
import { Story, unanswered } from '../../support/contact-events.ts';

describe('the words of a contact', () => {
  it('tell its life like a log book, from the queue to the end', () => {
    const story = new Story();
    const book = [inWords(story.state)];
    const note = (): void => void book.push(inWords(story.state));
    story.open();
    note();
    story.grant();
    note();
    story.tell({ type: 'DialPlaced', attemptId: story.attemptId });
    note();
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
    note();
    story.call({ outcome: 'promise', rang: true, human: true });
    note();
    expect(book).toEqual([
      'Se prepara',
      'Espera ola 9:00 del día 0, teléfono 1 · 0 intentos',
      'Llamando, ola 9:00 del día 0, teléfono 1 · intento 1',
      'En llamada, ola 9:00 del día 0, teléfono 1 · intento 1',
      'Espera ola 12:00 del día 0, teléfono 2 · 1 intento, el último: no contestó',
      'Cerrado: promesa de pago · 2 intentos',
    ]);
  });

  it('say when balance is missing, when an operator paused, and when a dial is looked for', () => {
    const story = new Story();
    story.open();
    story.tell({ type: 'LineSuspended', requestId: 'k1:1:1:d0/9' });
    expect(inWords(story.state)).toBe('Falta saldo para ola 9:00 del día 0 · 0 intentos');
    expect(listState(story.state)).toBe('suspended');
    story.tell({ type: 'PauseRequested' });
    expect(inWords(story.state)).toBe('En pausa por el operador · 0 intentos');
    story.tell({ type: 'ResumeRequested' });
    story.grant();
    story.tell({ type: 'PauseRequested' });
    expect(inWords(story.state)).toContain('en pausa al terminar');
    story.tell({ type: 'DialOutcomeUnknown', attemptId: story.attemptId });
    expect(inWords(story.state)).toContain('Sin respuesta al marcar: se busca la llamada en el proveedor');
    expect(listState(story.state)).toBe('calling');
  });

  it('are cut before they are longer than the Temporal UI takes', () => {
    const story = new Story();
    const slot = { key: 's', opensAtMs: 0, closesAtMs: 10_000_000, localDay: 'd0', label: 'x'.repeat(500) };
    story.open(undefined, 1, [slot]);
    expect(inWords(story.state)).toHaveLength(200);
  });
});
