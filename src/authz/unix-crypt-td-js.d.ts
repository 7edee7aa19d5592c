/** DES of crypt(3). */
declare module 'unix-crypt-td-js' {
  /** @param password bytes; eight count. @param salt its first two characters count. */
  export default function unixCrypt(password: string | readonly number[], salt: string): string;
}
