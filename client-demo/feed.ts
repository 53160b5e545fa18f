const SHOWN = 5;

/** Lines about who shot down whom; each fades by itself. */
export class Feed {
	private readonly list: HTMLElement;

	constructor(list: HTMLElement) {
		this.list = list;
	}

	kill(killer: string | null, victim: string): void {
		const line = document.createElement("p");
		const strong = (text: string): HTMLElement => {
			const element = document.createElement("strong");
			element.textContent = text;
			return element;
		};
		if (killer === null) line.append(strong(victim), " was lost");
		else line.append(strong(killer), " shot down ", strong(victim));
		line.addEventListener("animationend", () => line.remove());
		this.list.prepend(line);
		while (this.list.children.length > SHOWN) this.list.lastElementChild?.remove();
	}
}
