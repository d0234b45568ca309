"""Two stages that between them have everything on that there is about network and edge."""

from typing import Any

ACCOUNT, REGION = "123456789012", "eu-central-1"
PUBLIC: dict[str, Any] = {
    "customer_key": True,
    "cors_origins": ["https://a.example"],
    "domain": {
        "name": "models.example.com",
        "certificate": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555",
        "security_policy": "SecurityPolicy_TLS13_1_3_2025_09",
        "base_path": "ml",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "hosted_zone_name": "example.com",
        "disable_execute_api_endpoint": True,
    },
    "web_acl": {"enabled": True, "rate_limit": 600, "logs": True},
    "console_cdn": {
        "enabled": True,
        "name": "console.example.com",
        "certificate": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555",
        "web_acl": f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/console/11111111-2222-3333-4444-555555555555",
        "price_class": "PriceClass_All",
    },
    "backup": {"replica_bucket": "example-copies", "replica_region": "eu-west-1"},
    "webhooks": ["https://a.example/done"],
    "validation_concurrency": 3,
    "functions": {"iris-svm": {}},
    "capture": {"share": 0.01},
}
"""On the internet, under a name of its own."""
PRIVATE: dict[str, Any] = {
    "auth": "both",
    "customer_key": True,
    "removal": "retain",
    "web_acl": {"enabled": True},
    "private": {"vpc_endpoints": ["vpce-0123456789abcdef0"], "caller_cidrs": ["10.0.0.0/16", "10.8.0.0/16"]},
    "vpc": {
        "id": "vpc-0123456789abcdef0",
        "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "functions": True,
        "endpoints": True,
        "route_tables": ["rtb-0123456789abcdef0"],
    },
    "allowed": {"cidrs": ["10.0.4.0/24"], "vpc_endpoints": ["vpce-0fedcba9876543210"], "accounts": [ACCOUNT]},
}
"""In a VPC, functions included."""
