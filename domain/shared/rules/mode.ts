/** Whether a contact is worked for real, or lived in virtual time in a rehearsal's account. */
export type Mode = 'live' | 'rehearsal';
