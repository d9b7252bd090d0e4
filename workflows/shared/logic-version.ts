/**
 * Newest version of the contact's logic. A run keeps the version that its first activity recorded, so a changed rule
 * never changes what a running contact has already decided (docs/decisions/0004). Runs from before the version was
 * recorded are version 1.
 *
 * 1: a promise closes the contact. 2: a promise is followed until it is paid or broken; who asks to be called is called.
 * 3: one alarm instead of a timer for each wait, silent calls are left to the sweeper until the slot is over; a rule that
 * lets go inside the slot does not cost the slot.
 */
export const LOGIC_VERSION = 3;
