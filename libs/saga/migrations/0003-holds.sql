-- What operators hold back as a whole: the sagas of a definition, or the commands on a topic.
CREATE TABLE saga_hold (
  kind    text NOT NULL CHECK (kind IN ('definition', 'commands')),
  name    text COLLATE "C" NOT NULL,
  actor   text NOT NULL,
  reason  text NOT NULL,
  held_at timestamptz NOT NULL,
  PRIMARY KEY (kind, name)
);

-- The topic of the command that the timer is for. Null for a wait, and in rows of an earlier release.
ALTER TABLE saga_timer ADD COLUMN topic text;
-- True if the command was not sent, because it was held back. The timer then sends it once the hold is released.
ALTER TABLE saga_timer ADD COLUMN withheld boolean NOT NULL DEFAULT false;
