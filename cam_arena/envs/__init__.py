"""The envs: one duel behind the interfaces of PettingZoo and Gymnasium."""
