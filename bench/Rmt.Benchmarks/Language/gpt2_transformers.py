"""Greedy generation of transformers' GPT-2 with its cache: milliseconds of every token, and the tokens themselves. One JSON line on stdout.

    python3 gpt2_transformers.py FOLDER PROMPT.json TOKENS THREADS fp32|bf16 cpu|cuda ROUNDS

PROMPT.json holds a list of token ids. Exit code 3: torch or transformers is not here.
"""
import json
import sys
import time

try:
    import torch
    import transformers
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(3)

folder, prompt, tokens, threads, dtype, device, rounds = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.set_grad_enabled(False)
model = transformers.GPT2LMHeadModel.from_pretrained(folder).eval().to(device, torch.bfloat16 if dtype == "bf16" else torch.float32)
with open(prompt) as file:
    begin = torch.tensor([json.load(file)], device=device)                   # [1, L]

best = None
for _ in range(int(rounds)):
    ids, times, past, step = [], [], None, begin
    for i in range(int(tokens) + 1):
        begun = time.perf_counter()
        out = model(step, past_key_values=past, use_cache=True, logits_to_keep=1)
        past, token = out.past_key_values, int(out.logits[0, -1].argmax())
        if i > 0:                                                            # the first reads the prompt
            times.append((time.perf_counter() - begun) * 1000)
        ids.append(token)
        step = torch.tensor([[token]], device=device)
    times.sort()
    middle = times[len(times) // 2]
    best = middle if best is None else min(best, middle)
print(json.dumps({"ms_token": best, "ids": ids, "torch": torch.__version__, "transformers": transformers.__version__}))
