/** Names for statements that are worth preparing. */
export interface Statements {
  /** Undefined: send it as it is. The same text always has the same name. */
  nameOf(text: string): string | undefined;
}

/** Prepared from this use on: most texts of a process's start are never seen again. */
const firstPreparedUse = 3;
/** Each prepared statement is memory of each of PostgreSQL's connections. */
const mostPrepared = 400;
const mostKnown = 4_000;
const longestText = 20_000;

const data = /^\s*(?:select|insert|update|delete|with)\b/i;
/**
 * Columns by star: a migration that adds one changes the shape of the answer, and PostgreSQL refuses the prepared
 * statement until its connection is gone. `count(*)` is not one.
 */
const everyColumn = /(?:\bselect|\bdistinct(?:\s+on\s*\([^)]*\))?|\breturning|,|\.)\s*\*/i;

/**
 * Under row-level security a statement takes longer to parse, rewrite and plan than to run. Which ones are asked often
 * is learned; lists of changing length, whose texts differ each time, stay as they are.
 */
export function createStatements(): Statements {
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  return {
    nameOf(text) {
      const known = names.get(text);
      if (known !== undefined) return known;
      if (names.size >= mostPrepared || text.length > longestText) return undefined;
      if (!data.test(text) || everyColumn.test(text)) return undefined;
      const used = (uses.get(text) ?? 0) + 1;
      if (used < firstPreparedUse) {
        if (uses.size < mostKnown) uses.set(text, used);
        return undefined;
      }
      uses.delete(text);
      const name = `tandas_${names.size + 1}`;
      names.set(text, name);
      return name;
    },
  };
}
