-- Where the tables lie on the nodes of a Citus cluster; run once, while they are empty.
--
-- local: audit, reset_requests, unknown_sign_ins, gram_counts, _sqlx_migrations
--
-- Those stay on the coordinator: the audit log's trigger and its one end, what is counted over all
-- customers, and what has one row. Everything of a customer lies on one node.

-- One after the other: tables that refer to those on every node are not spread at the same moment.
SET LOCAL citus.multi_shard_modify_mode TO 'sequential';
-- And those that are still to be spread stay what they are until then, although they refer to others.
SET LOCAL citus.enable_local_reference_table_foreign_keys TO off;

-- Of all operations keys a cluster can only tell those of one customer from each other.
DROP INDEX operations_key;

SELECT create_reference_table('websites');
SELECT create_reference_table('customer_groups');
SELECT create_reference_table('integrations');
SELECT create_reference_table('mail_queue');

SELECT create_distributed_table('customers', 'id', colocate_with => 'none');
SELECT create_distributed_table('access_tokens', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('web_sessions', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('password_resets', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('outbox', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('operations', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('search_texts', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('search_keys', 'customer_id', colocate_with => 'customers');

-- Apart from the customers: looked up by what was typed.
SELECT create_distributed_table('customer_emails', 'email_key', colocate_with => 'none');
SELECT create_distributed_table('gram_blocks', 'block', colocate_with => 'none');
