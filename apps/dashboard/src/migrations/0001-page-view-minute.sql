-- The figures of each page and minute, as the topics page-view-minutes and late-page-views have them.
CREATE TABLE page_view_minute (
  window_start timestamptz NOT NULL,
  page_url text NOT NULL,
  page_views bigint NOT NULL DEFAULT 0,
  unique_visitors bigint NOT NULL DEFAULT 0,
  open boolean NOT NULL DEFAULT true,
  late_views bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (window_start, page_url)
);
