"""Independent PPO (arXiv 2011.09533): one network plays all of a team of three against bots.

Run it with `python examples/squad_ippo.py --minutes 10`; it prints how often the team wins.
"""

import argparse
import time

import torch
from torch import nn
from torch.distributions import Categorical

import cam_arena

MATCHES, ROLLOUT, EPOCHS, MINIBATCH, RATE, GAMMA, LAMBDA = 128, 32, 2, 2048, 2e-3, 0.995, 0.95

parser = argparse.ArgumentParser()
for name, default in {"map": "3v3", "opponent": "masher:4", "characters": "core8"}.items():
    parser.add_argument(f"--{name}", default=default)
parser.add_argument("--minutes", type=float, default=10)
args = vars(parser.parse_args())
seconds = 60 * args.pop("minutes")
torch.manual_seed(0)
env = cam_arena.squad_v0.make_vec(MATCHES, autoreset_mode="SameStep", reward="hp", **args)
told = env.reset(seed=0)[0]
blocks = cam_arena.observation_layout("squad").blocks
flags = [b for b in blocks if b.name.endswith("_present") and not b.name.startswith("nearby")]
absent = tuple(b.name[:-7] for b in flags if not told["observation"][0, b.start])  # in any match
used = [i for b in blocks if not b.name.startswith(absent) for i in range(b.start, b.stop)]
layers = nn.Linear(len(used), 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()
net = nn.Sequential(*layers, nn.Linear(128, 1 + 108))  # the value, and a logit an action
adam = torch.optim.Adam(net.parameters(), RATE, eps=1e-5)


def judge(seen, mask):
    """Return the policy and the values of some rows."""
    out = net(seen)
    return Categorical(logits=out[:, 1:].masked_fill(mask == 0, -1e9)), out[:, 0]


start, won, samples, done = time.monotonic(), [], 0, 0.0
while done < 1:
    adam.param_groups[0]["lr"] = RATE * (1 - done)
    kept = []
    for _ in range(ROLLOUT):
        seen, mask = map(torch.from_numpy, (told["observation"][:, used], told["action_mask"]))
        with torch.no_grad():
            policy, value = judge(seen, mask)
            action = policy.sample()
        told, reward, ended, _, info = env.step(action.numpy())
        kept.append((seen, mask, action, policy.log_prob(action), value, reward, ended))
        if ended.any():  # the rows of a team end together
            beaten = info["final_info"]["reward_win"][ended] > 0
            won += beaten[:: env.num_envs // MATCHES].tolist()
    columns = zip(*kept, strict=True)
    *rows, rewards, ends = (torch.stack([*map(torch.as_tensor, x)]) for x in columns)
    values, gain, gains = rows.pop(), 0, []
    after = net(torch.from_numpy(told["observation"][:, used]))[:, 0].detach()
    for t in reversed(range(ROLLOUT)):  # generalised advantage estimation
        go_on = GAMMA * (~ends[t])
        gain = rewards[t].float() + go_on * after - values[t] + LAMBDA * go_on * gain
        gains.insert(0, gain)
        after = values[t]
    data = [x.flatten(0, 1) for x in (*rows, torch.stack(gains), torch.stack(gains) + values)]
    for part in torch.cat([torch.randperm(len(data[0])) for _ in range(EPOCHS)]).split(MINIBATCH):
        s, m, a, old, gain, target = (x[part] for x in data)
        policy, value = judge(s, m)
        ratio, gain = (policy.log_prob(a) - old).exp(), (gain - gain.mean()) / gain.std()
        surrogate = torch.min(ratio * gain, ratio.clamp(0.8, 1.2) * gain).mean()
        loss = (value - target).pow(2).mean() - surrogate - 0.003 * policy.entropy().mean()
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        adam.step()
    samples, done = samples + len(data[0]), min(1.0, (time.monotonic() - start) / seconds)
    if len(won) >= 200 or done == 1:
        share = f"{sum(won) / max(1, len(won)):.0%} of {len(won)} matches"
        print(f"{done:4.0%} {samples:,} samples: won {share}", flush=True)
        won = []
