const SHOWN = 5;

function strong(text: string): HTMLElement {
	const element = document.createElement("strong");
	element.textContent = text;
	return element;
}

/** Lines about who shot down whom; each fades by itself. */
export class KillFeed {
	private readonly list: HTMLElement;

	constructor(list: HTMLElement) {
		this.list = list;
	}

	/** `killer` is null when nobody did it. */
	add(killer: string | null, victim: string, isOwn: boolean): void {
		const line = document.createElement("p");
		line.classList.toggle("own", isOwn);
		if (killer === null) line.append(strong(victim), " was lost");
		else line.append(strong(killer), " shot down ", strong(victim));
		line.addEventListener("animationend", () => line.remove());
		this.list.prepend(line);
		while (this.list.children.length > SHOWN) this.list.lastElementChild?.remove();
	}
}
