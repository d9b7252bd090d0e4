import { describe, expect, it } from 'vitest';
import { describe as inWords, listState } from '../../../workflows/contact/labels.ts';
import { wordsNow } from '../../../domain/contacts/rules/labels.ts';
import { Story, unanswered } from '../../support/contact-events.ts';

describe('the words of a contact', () => {
  it('tell its life like a log book, from the queue to the end', () => {
    const story = new Story();
    const book = [inWords(story.state, story.atMs)];
    const note = (): void => void book.push(inWords(story.state, story.atMs));
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
      'Se llamará en ola 9:00 del día 0, teléfono 1 · 0 intentos',
      'Llamando, ola 9:00 del día 0, teléfono 1 · intento 1',
      'En llamada, ola 9:00 del día 0, teléfono 1 · intento 1',
      'Se llamará en ola 12:00 del día 0, teléfono 2 · 1 intento, el último: no contestó',
      'Cerrado: promesa de pago · 2 intentos',
    ]);
  });

  it('say when balance is missing, when an operator paused, and when a dial is looked for', () => {
    const story = new Story();
    story.open();
    story.tell({ type: 'LineSuspended', requestId: 'k1:1:1:d0/9' });
    expect(inWords(story.state, story.atMs)).toBe('Falta saldo para ola 9:00 del día 0 · 0 intentos');
    expect(listState(story.state)).toBe('suspended');
    story.tell({ type: 'PauseRequested' });
    expect(inWords(story.state, story.atMs)).toBe('En pausa por el operador · 0 intentos');
    story.tell({ type: 'ResumeRequested' });
    story.grant();
    story.tell({ type: 'PauseRequested' });
    expect(inWords(story.state, story.atMs)).toContain('en pausa al terminar');
    story.tell({ type: 'DialOutcomeUnknown', attemptId: story.attemptId });
    expect(inWords(story.state, story.atMs)).toContain(
      'Sin respuesta al marcar: se busca la llamada en el proveedor',
    );
    expect(listState(story.state)).toBe('calling');
  });

  it('say that a line is waited for only when it is, and that the batch is paused', () => {
    const story = new Story();
    story.open();
    story.call(unanswered);
    // Noon's wave is three hours away: nobody looks for a line yet.
    expect(inWords(story.state, story.atMs)).toMatch(/^Se llamará en ola 12:00 del día 0, teléfono 2/);
    expect(
      inWords(story.state, story.state.phase.kind === 'waiting' ? story.state.phase.eligibleAtMs : 0),
    ).toMatch(/^Espera línea para ola 12:00 del día 0/);
    const { commands } = story.tell({ type: 'BatchPaused' });
    expect(commands).toEqual([]);
    expect(inWords(story.state, story.atMs)).toMatch(/^Su lote está en pausa · Se llamará en ola 12:00/);
    story.tell({ type: 'BatchResumed' });
    expect(inWords(story.state, story.atMs)).toMatch(/^Se llamará/);
    story.tell({ type: 'BatchPaused' });
    story.tell({ type: 'CancelRequested' });
    expect(inWords(story.state, story.atMs)).toMatch(/^Cerrado: cancelado/);
  });

  it('are brought up to now where the row is shown: its turn has come, its batch is paused', () => {
    const row = {
      state: 'waiting',
      batchState: 'running',
      waitingFor: 'Se llamará en ola 12:00, teléfono 1',
      nextAtMs: 1_000,
    };
    expect(wordsNow(row, 999)).toBe('Se llamará en ola 12:00, teléfono 1');
    expect(wordsNow(row, 1_000)).toBe('Espera línea para ola 12:00, teléfono 1');
    expect(wordsNow({ ...row, batchState: 'paused' }, 999)).toBe(
      'Su lote está en pausa · Se llamará en ola 12:00, teléfono 1',
    );
    const told = { ...row, waitingFor: 'Su lote está en pausa · Espera el pago' };
    expect(wordsNow(told, 0)).toBe('Espera el pago');
    expect(wordsNow({ ...told, batchState: 'paused' }, 0)).toBe('Su lote está en pausa · Espera el pago');
    const closed = { ...row, state: 'closed', batchState: 'paused', waitingFor: 'Cerrado: pagó' };
    expect(wordsNow(closed, 2_000)).toBe('Cerrado: pagó');
  });

  it('are cut before they are longer than the Temporal UI takes', () => {
    const story = new Story();
    const slot = { key: 's', opensAtMs: 0, closesAtMs: 10_000_000, localDay: 'd0', label: 'x'.repeat(500) };
    story.open(undefined, 1, [slot]);
    expect(inWords(story.state, story.atMs)).toHaveLength(200);
  });
});
