-- Platforms are the policy's keys, in small letters: what was written otherwise is found by all that asks for them.
UPDATE services SET platform = lower(trim(platform)) WHERE platform <> lower(trim(platform));
