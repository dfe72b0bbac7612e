/** Symbols joined to longer ones in the order in which pairs were learned: byte-pair encoding (Sennrich et al. 2016). */
export class BytePairs {
  private readonly numbers = new Map<string, number>();
  private readonly ids: number[] = [];
  private readonly rules = new Map<number, { rank: number; joined: number }>();
  private readonly idOf: (symbol: string) => number;

  /** `merges` are pairs of symbols, the first learned first; `idOf` gives the token id of a finished symbol. */
  constructor(merges: readonly (readonly [string, string])[], idOf: (symbol: string) => number) {
    this.idOf = idOf;
    for (const [rank, [left, right]] of merges.entries()) {
      const key = pairKey(this.numberOf(left), this.numberOf(right));
      if (!this.rules.has(key)) this.rules.set(key, { rank, joined: this.numberOf(left + right) });
    }
  }

  /**
   * Token ids of a word given as its first symbols. Each round joins every occurrence of the earliest pair; ranks are
   * kept beside the symbols, so a word of 10,000 characters takes milliseconds and not minutes.
   */
  encode(symbols: readonly string[]): number[] {
    let word = symbols.map((symbol) => this.numberOf(symbol));
    let ranks = word.map((left, index) => this.rankOf(left, word[index + 1]));
    for (;;) {
      const best = ranks.reduce((least, rank) => (rank < least ? rank : least), unjoinable);
      if (best === unjoinable) return word.map((number) => this.ids[number] ?? 0);
      const joined: number[] = [];
      for (let index = 0; index < word.length; index++) {
        const [left, right] = [word[index] ?? 0, word[index + 1] ?? 0];
        if (ranks[index] !== best) joined.push(left);
        else {
          joined.push(this.rules.get(pairKey(left, right))?.joined ?? 0);
          index++;
        }
      }
      word = joined;
      ranks = word.map((left, index) => this.rankOf(left, word[index + 1]));
    }
  }

  private rankOf(left: number, right: number | undefined): number {
    return right === undefined ? unjoinable : (this.rules.get(pairKey(left, right))?.rank ?? unjoinable);
  }

  private numberOf(symbol: string): number {
    const known = this.numbers.get(symbol);
    if (known !== undefined) return known;
    const number = this.ids.push(this.idOf(symbol)) - 1;
    this.numbers.set(symbol, number);
    return number;
  }
}

const unjoinable = Number.POSITIVE_INFINITY;

function pairKey(left: number, right: number): number {
  return left * 2 ** 24 + right;
}
