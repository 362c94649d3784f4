/** As much of a widget manager as draws one widget inside another: elements by their models' names. */
export class NestingManager {
  /** How many views stand on the page. */
  standing = 0;
  #elements: Readonly<Record<string, HTMLElement>>;

  constructor(elements: Readonly<Record<string, HTMLElement>>) {
    this.#elements = elements;
  }

  get_model = (id: string): Promise<never> => Promise.resolve(this.#elements[id] as never);

  create_view = (el: unknown) => {
    this.standing += 1;
    const remove = () => {
      this.standing -= 1;
      (el as HTMLElement).remove();
    };
    return Promise.resolve({ el: el as HTMLElement, remove });
  };

  /** Let everything that was asked for come. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}
