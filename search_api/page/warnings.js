// The API's warnings in the reader's words; one that is not known here is shown as it came.

/** Say warnings in a language; the same one comes once, with all the legs that it is about. */
export function inWords(warnings, say) {
  const found = new Map();
  for (const { code, message, legs = [] } of warnings) {
    const kind = say.warnings[code] ? code : message;
    found.set(kind, [...(found.get(kind) ?? []), ...legs]);
  }
  return [...found].map(([kind, legs]) => say.warnings[kind]?.(legs.map((leg) => say.leg[leg] ?? leg).join(", ")) ?? kind);
}
