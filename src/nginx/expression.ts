/** Whether an expression has what PCRE knows and RE2 does not: look-around, back references, atomic and possessive matches. */
export function isPcreAlone(expression: string): boolean {
  return /\(\?(?:<?[=!]|>)|\\[1-9]|[*+?}]\+/.test(expression);
}

/** Whether it asks for one character, or for a number of them, of which any may be meant: of an encoded path each is three. */
export function countsCharacters(expression: string): boolean {
  return /(?:(?<!\\)\.|\\[DSW]|\[\^[^\]]*\])(?![*+]|\{\d,\})/.test(expression);
}
