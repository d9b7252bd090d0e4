import { describe, expect, it } from 'vitest';
import { isGuessable } from '../../../identity/guessable.ts';

describe('a password that others would guess', () => {
  it.each([
    'contraseña2026',
    'bienvenido2026',
    'qwertyuiop12',
    'aaaaaaaaaaaaaaaa',
    '123412341234',
    'password1234',
    'santiago12345',
  ])('%s is one', (password) => expect(isGuessable(password, [])).toBe(true));

  it('what is known of a person is one, and says nothing against the same words of another', () => {
    const about = ['Zoraida Quintanilla', 'zquintanilla@empresa.cl'];
    expect(isGuessable('zquintanilla@empresa.cl', about)).toBe(true);
    expect(isGuessable('quintanilla2026', about)).toBe(true);
    expect(isGuessable('zorquintanemprex', [])).toBe(false);
  });

  it.each(['una contraseña larga', 'caballo batería grapa', 'J8#kd02!mvPq', 'el perro verde canta mal'])(
    '%s is none',
    (password) => expect(isGuessable(password, ['Ana', 'ana@ejemplo.cl'])).toBe(false),
  );

  it('only its beginning is looked at, so that the longest one costs what a short one does', () => {
    expect(isGuessable(`${'J8#kd02!mvPqzz90'}${'a'.repeat(112)}`, [])).toBe(false);
  });
});
